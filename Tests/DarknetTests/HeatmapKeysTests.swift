import Compute
import Darknet
import Keypoints
import Losses
import Networks
import Testing
import Uncertainty

/// What `[heatmap]` says of keypoints, of reading maps and of training them.
@Suite struct HeatmapKeysTests {
  /// Three maps of 8 x 8 pixels with a branch.
  static let text = """
    [net]
    width=8
    height=8
    [convolutional]
    filters=6
    size=3
    pad=1
    activation=leaky
    [convBayes]
    filters=3
    [route]
    layers=-2
    [convolutional]
    filters=3
    activation=linear
    [heatmap]
    uncertainty=-3
    """

  private func output(_ keys: String) throws -> HeatmapOutput {
    let text = Self.text + "\n" + keys.replacing(" ", with: "\n") + "\n"
    return try #require(try build(text).outputs.heatmaps.first)
  }

  private func training(_ keys: String) throws -> HeatmapTraining {
    var training = try output(keys).training
    #expect(training.branch?.layer == 1)
    training.branch = nil
    return training
  }

  @Test func whatIsLeftOpen() throws {
    let output = try output("")
    #expect(output.layer == 4 && output.kind == .joints)
    #expect(output.layout == (try KeypointLayout(names: ["0", "1", "2"])) && !output.isNamed)
    #expect(output.decoder == HeatmapDecoder(refinement: .quarter, standardDeviation: 2))
    #expect(output.maximumCount == 100 && output.peakWindow == 3)
    #expect(try training("") == HeatmapTraining())
    #expect(HeatmapTraining().loss == HeatmapLoss(.squaredError))
    #expect(HeatmapTraining().reach == 6)
  }

  @Test func lossesAndWhatTheyLeaveOpen() throws {
    func focal(_ beta: Float) -> HeatmapLoss {
      HeatmapLoss(
        .distanceAware(DistanceAwareFocalLoss(focusingExponent: 2, penaltyExponent: beta)),
        normalization: .batch)
    }
    for (name, loss, isSubpixel) in [
      ("mse", HeatmapLoss(.squaredError), true), ("bce", HeatmapLoss(.crossEntropy), true),
      ("ohkm", HeatmapLoss(.squaredError, hardest: 1), true),
      ("anchor", HeatmapLoss(.anchor(PoseAnchorLoss(exponent: 2, slack: 0.05))), true),
      ("focal", focal(0), false), ("distanceAware", focal(4), false),
    ] {
      var expected = HeatmapTraining()
      expected.loss = loss
      expected.isSubpixel = isSubpixel
      #expect(try training("loss=\(name)") == expected, "\(name)")
    }
    var weighted = HeatmapTraining()
    weighted.loss = HeatmapLoss(.crossEntropy)
    weighted.isWeighted = true
    #expect(try training("loss=uncertainty") == weighted)
    // Of centres the loss is another.
    #expect(try output("kind=centers").kind == .centers)
    #expect(try training("kind=centers") == training("loss=distanceAware"))
  }

  @Test func keypointKeys() throws {
    let named = try output(
      "names=left,right,top flip=0:1 skeleton=0:2,2:1 sigmas=.25,.25,.5 keypoints=3 "
        + "kind=centers decode=dark max=7 peak_window=5 sigma=1.5")
    let layout = try KeypointLayout(
      names: ["left", "right", "top"], pairs: [(0, 1)], edges: [.init(0, 2), .init(2, 1)],
      deviations: [0.25, 0.25, 0.5])
    #expect(named.layout == layout && named.isNamed)
    #expect(named.layout.partners == [1, 0, 2])
    #expect(named.decoder == HeatmapDecoder(refinement: .dark, standardDeviation: 1.5))
    #expect(named.maximumCount == 7 && named.peakWindow == 5)
    #expect(try output("decode=none").decoder.refinement == .none)
    // Blanks around commas are no part of a name.
    let spaced = try build(Self.text + "\nnames = left , right,\ttop\nflip = 0:1 \n")
    #expect(spaced.outputs.heatmaps.first?.layout.names == ["left", "right", "top"])
  }

  /// Every key of training, with a value that nothing else has.
  @Test func trainingKeys() throws {
    var expected = HeatmapTraining()
    expected.loss = HeatmapLoss(
      .anchor(PoseAnchorLoss(exponent: 0.5, slack: 0.125)), normalization: .map)
    expected.gain = 3
    expected.warmUp = 12
    expected.standardDeviation = 1.5
    expected.window = 2
    expected.radiusRule = .cornernet
    expected.minimumOverlap = 0.25
    expected.isSubpixel = false
    expected.trainsOccluded = false
    #expect(
      try training(
        "loss=anchor gamma=.5 slack=.125 normalize=map map_normalizer=3 warm_up=12 sigma=1.5 "
          + "window=2 radius=cornernet overlap=.25 subpixel=0 occluded=ignore") == expected)
    #expect(expected.reach == 2)
    expected = HeatmapTraining()
    expected.loss = HeatmapLoss(
      .distanceAware(DistanceAwareFocalLoss(focusingExponent: 3, penaltyExponent: 1)),
      normalization: .image)
    expected.radiusRule = .centernet
    expected.isSubpixel = false
    #expect(
      try training("loss=distanceAware alpha=3 beta=1 normalize=image radius=centernet") == expected
    )
    expected = HeatmapTraining()
    expected.loss = HeatmapLoss(
      .distanceAware(DistanceAwareFocalLoss(focusingExponent: 1.5, penaltyExponent: 0)),
      normalization: .pixels)
    expected.isSubpixel = false
    #expect(try training("loss=focal alpha=1.5 normalize=pixels") == expected)
    expected = HeatmapTraining()
    expected.loss = HeatmapLoss(.squaredError, normalization: .batch, hardest: 2)
    #expect(try training("loss=ohkm top=2 normalize=batch") == expected)
    expected = HeatmapTraining()
    expected.loss = HeatmapLoss(.crossEntropy, isBalanced: true)
    expected.target = .pixel
    #expect(try training("loss=bce balance=1 target=pixel") == expected)
    // They say how far around a peak is looked, too.
    #expect(try training("target=pixel sigma=1 window=1").reach == 1)
    #expect(try training("loss=bce balance=1 subpixel=0").loss.isBalanced)
    expected = HeatmapTraining()
    expected.loss = HeatmapLoss(.crossEntropy)
    expected.isWeighted = true
    expected.warmUp = 3
    expected.difficulty.map = .rank
    expected.difficulty.weighting = .onePlus
    expected.difficulty.control = .constant(0.25)
    expected.difficulty.bald = BALD(form: .exact, logitScale: .logistic, clampsNegative: false)
    #expect(
      try training(
        "loss=uncertainty warm_up=3 uncertainty_map=rank difficulty_weight=onePlus "
          + "difficulty_control=constant constant_uncertainty=.25 bald=exact bald_clamp=0 "
          + "logit_scale=logistic") == expected)
    let branch = try output("branch=accompanyDetached branch_weight=.5").training.branch
    #expect(branch?.mode == .accompanyDetached && branch?.weight == 0.5)
  }

  /// Each key of one loss is refused by every other.
  @Test(arguments: [
    ("gamma=1", ["anchor"]), ("slack=.1", ["anchor"]), ("alpha=1", ["focal", "distanceAware"]),
    ("beta=1", ["distanceAware"]), ("top=1", ["ohkm"]), ("balance=1", ["mse", "bce"]),
    ("warm_up=1", ["anchor", "focal", "distanceAware", "uncertainty"]),
    ("uncertainty_map=rank", ["uncertainty"]), ("difficulty_weight=raw", ["uncertainty"]),
    ("difficulty_control=none", ["uncertainty"]), ("bald=exact", ["uncertainty"]),
    ("bald_clamp=1", ["uncertainty"]), ("logit_scale=probit", ["uncertainty"]),
    ("difficulty_control=constant constant_uncertainty=.5", ["uncertainty"]),
  ])
  func keysOfOtherLosses(keys: String, owners: [String]) throws {
    for loss in HeatmapChoice.allCases.map(\.rawValue) {
      let text = "loss=\(loss) subpixel=0 \(keys)"
      if owners.contains(loss) {
        _ = try output(text)
      } else {
        let key = keys.split(separator: "=")[0]
        #expect(
          message { try output(text) }
            == "x.cfg:20: \(key)= in [heatmap] is for loss=\(owners.joined(separator: ", ")); here "
            + "it is \(loss)")
      }
    }
  }

  @Test(arguments: [
    ("loss=hinge", "loss=hinge in [heatmap]: unknown; use one of mse, bce, ohkm, focal"),
    ("loss=crossEntropy", "loss=crossEntropy in [heatmap]: unknown; use one of mse, bce"),
    ("kind=boxes", "kind=boxes in [heatmap]: unknown; use one of joints, centers"),
    ("decode=x", "decode=x in [heatmap]: unknown; use one of quarter, dark, none"),
    ("peak_window=4", "peak_window= must be odd"),
    ("peak_window=1", "peak_window=1 in [heatmap]: must be in 3...31"),
    ("max=0", "max=0 in [heatmap]: must be in 1...100000"),
    ("sigma=0", "sigma=0 in [heatmap]: must be in 0.1"),
    ("sigma=nan", "sigma=nan in [heatmap]: not a number"),
    ("window=-1", "window=-1 in [heatmap]: must be in 0...1000"),
    ("occluded=maybe", "occluded=maybe in [heatmap]: unknown; use one of train, ignore"),
    (
      "kind=centers occluded=ignore",
      "occluded=ignore in [heatmap] is for kind=joints: the map of a kind of objects is trained"
    ),
    ("normalize=x", "normalize=x in [heatmap]: unknown; use one of pixels, map, image, batch"),
    ("map_normalizer=-1", "map_normalizer=-1 in [heatmap]: must be in 0.0"),
    ("objectness_loss=bce", "unknown key objectness_loss= in [heatmap]"),
    ("overlap=.5", "overlap= in [heatmap] is for radius=cornernet and centernet"),
    ("target=pixel radius=cornernet", "radius= in [heatmap] is for target=gaussian"),
    ("loss=ohkm top=4", "top=4 in [heatmap]: must be in 1...3"),
    (
      "keypoints=2",
      "[heatmap] needs 2 channels, one for each of keypoints=, and the layer before it gives 3"
    ),
    ("names=a,b", "names= has 2 names, and there are 3 keypoints"),
    ("names=a,b,a", "[heatmap]: names of keypoints: 'a' is there twice"),
    ("flip=0:3", "[heatmap]: no keypoint 3: there are 3, counted from 0"),
    ("flip=0:0", "[heatmap]: flip pair 0:0: a keypoint changes places with one other"),
    ("flip=0:1,1:2", "[heatmap]: flip pair 1:2: a keypoint changes places with one other"),
    ("flip=0:1,1:0", "[heatmap]: flip pair 1:0: a keypoint changes places with one other"),
    ("flip=0-1", "flip= has '0-1'; pairs of keypoints are written 0:5,1:4"),
    ("flip=0:1:2", "flip= has '0:1:2'; pairs of keypoints are written 0:5,1:4"),
    ("flip=0:", "flip= has '0:'; pairs of keypoints are written 0:5,1:4"),
    ("flip=left:right", "flip= has 'left:right'; pairs of keypoints are written 0:5,1:4"),
    ("skeleton=0:7", "[heatmap]: no keypoint 7: there are 3, counted from 0"),
    ("skeleton=0:-1", "[heatmap]: no keypoint -1: there are 3, counted from 0"),
    ("skeleton=a:b", "skeleton= has 'a:b'; pairs of keypoints are written 0:5,1:4"),
    ("sigmas=.1,.1", "[heatmap]: 2 sigmas for 3 keypoints: one above 0 is needed for each"),
    ("sigmas=.1,.1,0", "[heatmap]: 3 sigmas for 3 keypoints: one above 0 is needed for each"),
    ("branch=replace", "branch=replace is for [yolo]; [heatmap] has accompany"),
    (
      "loss=focal subpixel=1",
      "subpixel=1 in [heatmap]: a pixel is a positive only where its target is exactly 1, as "
        + "loss=focal asks for; set subpixel=0"
    ),
    (
      "loss=bce balance=1",
      "subpixel=1 in [heatmap]: a pixel is a positive only where its target is exactly 1, as "
        + "loss=bce with balance=1 asks for; set subpixel=0"
    ),
  ])
  func refusedWithTheirLine(keys: String, reason: String) {
    let refusal = message { try output(keys) }
    #expect(refusal.hasPrefix("x.cfg:"), "\(refusal)")
    #expect(refusal.contains(": " + reason), "\(refusal)")
    #expect(!refusal.contains("\n"))
  }

  /// In the line that says it.
  @Test func lines() {
    #expect(message { try output("loss=bce names=a,b") }.hasPrefix("x.cfg:19: "))
    #expect(message { try output("loss=bce flip=0") }.hasPrefix("x.cfg:19: "))
    #expect(message { try output("keypoints=5") }.hasPrefix("x.cfg:18: "))
    #expect(message { try output("radius=fixed target=pixel") }.hasPrefix("x.cfg:18: "))
  }

  @Test func branchesOfOtherShapes() {
    for (old, new, shape) in [
      ("[convBayes]\nfilters=3", "[convBayes]\nfilters=4", "8x8x4"),
      ("[convBayes]\nfilters=3", "[convBayes]\nfilters=3\nsize=2\nstride=2", "4x4x3"),
    ] {
      #expect(
        message { try build(Self.text.with(old, new)) }.contains(
          "names layer 1, [convBayes] at line 9, which gives \(shape); [heatmap] needs one value "
            + "for each of its own, 8x8x3"))
    }
    #expect(
      message { try build(Self.text.with("uncertainty=-3", "uncertainty=-1")) }.contains(
        "names layer 3, [convolutional] at line 13; it must be a [convBayes]"))
    #expect(
      message {
        try build(
          Self.text.with("[convBayes]\nfilters=3\n[route]\nlayers=-2\n", "")
            .with("uncertainty=-3", "loss=uncertainty"))
      }
        == "x.cfg:13: loss=uncertainty in [heatmap] needs uncertainty=, the [convBayes] layer that "
        + "gives mean and variance")
    #expect(
      message { try build(Self.text.with("\nuncertainty=-3", "")) }.contains(
        "no [yolo], [softmax] or [heatmap] names [convBayes], layer 1, in uncertainty="))
  }

  /// Two stacks: outputs in their order, the last one named apart.
  @Test func severalSections() throws {
    let text =
      Self.text.with("[heatmap]\nuncertainty=-3", "[heatmap]\nnames=a,b,c") + """

        [route]
        layers=-2
        [convolutional]
        filters=3
        activation=linear
        [heatmap]
        uncertainty=1
        loss=uncertainty
        names=a,b,c
        """
    let outputs = try build(text).outputs
    #expect(outputs.heatmaps.map(\.layer) == [4, 7])
    #expect(outputs.map(\.node) == [1, 4, 7])
    #expect(outputs.heatmaps.map { $0.training.branch != nil } == [false, true])
    #expect(outputs.heatmaps.map(\.training.isWeighted) == [false, true])
    #expect(outputs.classCounts == [3, 3])
    #expect(outputs.branches.map(\.layer) == [1])
  }

  @Test func keysOfTheInput() throws {
    func net(_ keys: String, _ text: String = Self.text) throws -> NetConfiguration {
      try build(text.with("height=8", "height=8\n" + keys.replacing(" ", with: "\n"))).net
    }
    let turn = try #require(try net("zoom=.25 angle=30 turned=.4 shift=.125").turn)
    #expect(
      turn.zoom == 0.25 && turn.angle == 30 && turn.turnedShare == 0.4 && turn.shift == 0.125)
    #expect(try net("").turn == nil && net("turned=.4").turn == nil)
    #expect(try net("angle=30 turned=0").turn == nil)
    #expect(try net("angle=30").turn?.turnedShare == 1)
    #expect(try net("shift=.125").turn?.shift == 0.125 && net("zoom=.25").turn?.zoom == 0.25)
    #expect(try !net("").isClassifier)
    for (keys, reason) in [
      ("zoom=-1", "zoom=-1 in [net]: must be in 0"), ("angle=181", "angle=181 in [net]: must be"),
      ("turned=1.5", "turned=1.5 in [net]: must be in 0"), ("shift=2", "shift=2 in [net]: must be"),
    ] {
      #expect(message { try net(keys) }.hasPrefix("x.cfg:4: " + reason))
    }
  }

  /// What is said of the same keys where nothing is done with them.
  @Test func keysOfTheInputElsewhere() throws {
    func ignored(_ keys: String, _ text: String) throws -> [String] {
      try parse(text.with("height=", keys.replacing(" ", with: "\n") + "\nheight="))
        .ignoredKeys.map(\.key)
    }
    let keys = "zoom=.25 angle=30 turned=.4 shift=.1"
    #expect(try ignored(keys, Self.text) == [])
    #expect(try ignored(keys, tinyNetwork) == ["zoom", "angle", "turned", "shift"])
    let classifier = Self.text.with("[heatmap]\nuncertainty=-3", "[avgpool]\n[softmax]")
    #expect(try ignored(keys, classifier) == ["zoom", "turned", "shift"])
    // And of what maps have no use for.
    #expect(try ignored("min_crop=8 pad=2 center=1 label_smooth_eps=.1", Self.text).count == 4)
    #expect(try ignored("zoom=0 angle=0 shift=0", tinyNetwork) == [])
    #expect(
      try parse(tinyNetwork.with("height=", "zoom=.25\nheight=")).ignoredKeysSummary
        == [
          "x.cfg: zoom=.25 in [net] (line 3) has no effect: it is for networks of keypoints"
        ])
  }
}
