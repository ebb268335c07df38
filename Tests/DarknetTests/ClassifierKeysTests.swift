import Darknet
import Losses
import Testing
import Uncertainty

/// What `[softmax]` says about the loss of a classifier.
@Suite struct ClassifierKeysTests {
  private static let text = """
    [net]
    width=8
    height=8
    [convolutional]
    filters=6
    activation=leaky
    [avgpool]
    [convBayes]
    filters=4
    [route]
    layers=-2
    [convolutional]
    filters=4
    activation=linear
    [softmax]
    uncertainty=-3
    """

  private func training(_ keys: String) throws -> ClassifierTraining {
    let text = Self.text + "\n" + keys.replacing(" ", with: "\n") + "\n"
    var training = try #require(try build(text).outputs.classifier).training
    #expect(training.branch?.layer == 2)
    training.branch = nil
    return training
  }

  @Test func whatIsLeftOpen() throws {
    #expect(try training("") == ClassifierTraining())
    var expected = ClassifierTraining()
    for (name, loss) in [
      ("crossEntropy", ClassifierLoss.crossEntropy), ("bce", .binaryCrossEntropy),
      ("ohem", .hardExamples(OnlineHardExampleMining(keptShare: 0.9))),
      ("focal", .focal(FocalLoss(focusingExponent: 2))),
      ("anchor", .anchor(AnchorLoss(modulated: .background, exponent: 0.5, slack: 0.05))),
    ] {
      expected.loss = loss
      #expect(try training("loss=\(name)") == expected)
    }
    expected.loss = .crossEntropy
    expected.isWeighted = true
    #expect(try training("loss=uncertainty") == expected)
    // A margin is a logistic decision.
    expected.measure = .marginPair
    expected.difficulty.bald.logitScale = .logistic
    #expect(try training("loss=uncertainty uncertainty_measure=marginPair") == expected)
  }

  @Test func allKeys() throws {
    var expected = ClassifierTraining()
    expected.gain = 0.5
    expected.warmUp = 12
    expected.loss = .anchor(
      AnchorLoss(modulated: .target, exponent: 2, slack: 0.1, probability: .softmax))
    #expect(
      try training(
        "loss=anchor gamma=2 slack=.1 anchor=target probability=softmax warm_up=12 "
          + "cls_normalizer=.5") == expected)
    expected.loss = .focal(FocalLoss(focusingExponent: 1, activation: .softmax))
    #expect(
      try training("loss=focal gamma=1 probability=softmax warm_up=12 cls_normalizer=.5")
        == expected)
    expected.loss = .hardExamples(OnlineHardExampleMining(keptShare: 0.25))
    #expect(try training("loss=ohem ratio=.25 warm_up=12 cls_normalizer=.5") == expected)
    expected.loss = .crossEntropy
    expected.isWeighted = true
    expected.measure = .predictedOneVsRest
    expected.difficulty.map = .rank
    expected.difficulty.weighting = .onePlus
    expected.difficulty.control = .constant(0.25)
    expected.difficulty.bald = BALD(form: .exact, logitScale: .logistic, clampsNegative: false)
    #expect(
      try training(
        "loss=uncertainty uncertainty_measure=predictedOneVsRest uncertainty_map=rank "
          + "difficulty_weight=onePlus difficulty_control=constant constant_uncertainty=.25 "
          + "bald=exact bald_clamp=0 logit_scale=logistic warm_up=12 cls_normalizer=.5")
        == expected)
    for (name, control) in [("shuffled", Difficulty.Control.shuffled), ("none", .none)] {
      #expect(
        try training("loss=uncertainty difficulty_control=\(name)").difficulty.control == control)
    }
  }

  @Test(arguments: [
    (
      "loss=hinge", "x.cfg:17: loss=hinge in [softmax]: unknown; use one of crossEntropy, bce, ohem"
    ),
    ("gamma=2", "x.cfg:17: gamma= in [softmax] is for loss=focal, anchor; here it is crossEntropy"),
    (
      "loss=bce probability=softmax",
      "x.cfg:18: probability= in [softmax] is for loss=focal, anchor"
    ),
    ("loss=focal slack=.1", "x.cfg:18: slack= in [softmax] is for loss=anchor; here it is focal"),
    ("loss=focal anchor=target", "x.cfg:18: anchor= in [softmax] is for loss=anchor"),
    ("loss=anchor ratio=.5", "x.cfg:18: ratio= in [softmax] is for loss=ohem; here it is anchor"),
    ("loss=ohem ratio=0", "x.cfg:18: ratio=0 in [softmax]: must be in 1e-06...1"),
    ("loss=anchor slack=2", "x.cfg:18: slack=2 in [softmax]: must be in 0.0...1.0"),
    (
      "warm_up=3",
      "x.cfg:17: warm_up= in [softmax] is for loss=bce, ohem, focal, anchor, uncertainty"
    ),
    ("difficulty_weight=raw", "x.cfg:17: difficulty_weight= in [softmax] is for loss=uncertainty"),
    (
      "loss=uncertainty difficulty_weight=sameLoss",
      "x.cfg:18: difficulty_weight=sameLoss is for [yolo]; [softmax] has meanOne"
    ),
    (
      "loss=uncertainty constant_uncertainty=.5",
      "x.cfg:18: constant_uncertainty= in [softmax] is for difficulty_control=constant"
    ),
    (
      "loss=uncertainty bald=exact",
      "x.cfg:18: bald= in [softmax] is for uncertainty_measure=marginPair, predictedOneVsRest"
    ),
    (
      "loss=uncertainty uncertainty_measure=x",
      "x.cfg:18: uncertainty_measure=x in [softmax]: unknown"
    ),
    ("objectness_loss=bce", "x.cfg:17: unknown key objectness_loss= in [softmax]"),
  ])
  func refusedWithTheirLine(keys: String, reason: String) {
    let refusal = message { try training(keys) }
    #expect(refusal.hasPrefix(reason), "\(refusal)")
  }

  @Test func refusedWithWhatStandsElsewhere() {
    #expect(
      message {
        try build(
          Self.text.with("[convBayes]\nfilters=4\n[route]\nlayers=-2\n", "")
            .with("uncertainty=-3", "loss=uncertainty"))
      } == "x.cfg:12: loss=uncertainty in [softmax] needs uncertainty=, the [convBayes] layer that "
        + "gives mean and variance")
    for loss in ["focal", "anchor"] {
      #expect(
        message {
          try build(
            Self.text.with("height=8", "height=8\nlabel_smooth_eps=.1") + "\nloss=\(loss)\n")
        }.hasPrefix("x.cfg:18: loss=\(loss) in [softmax] asks for one right class; remove label_"))
    }
    // A softmax that does not classify, because it is not the last layer or has groups.
    for end in ["groups=2", "[convolutional]\nfilters=3"] {
      #expect(
        message {
          try build(Self.text.with("uncertainty=-3", "uncertainty=-3\nloss=bce\n" + end))
        }.hasPrefix("x.cfg:17: loss= in [softmax] is for a classifier, whose last layer it is"))
    }
  }

  @Test func lossesAreAdded() throws {
    let plain = try parse(
      Self.text.with("[convBayes]\nfilters=4\n[route]\nlayers=-2\n", "").with(
        "uncertainty=-3", "# last"))
    func added(_ change: (inout BranchPlan) -> Void) throws -> ConfigurationFile {
      var plan = BranchPlan()
      change(&plan)
      return try plain.adding(plan)
    }
    #expect(try added { _ in }.text == plain.text)
    #expect(try added { $0.loss = .crossEntropy }.text == plain.text)
    for loss in LossKind.allCases where loss != .crossEntropy {
      guard loss.classifier != nil else {
        #expect(
          message { try added { $0.loss = loss } }
            == "x.cfg:11: [softmax] has no loss \(loss.rawValue); it has crossEntropy, bce, ohem, "
            + "focal, anchor, uncertainty")
        continue
      }
      let file = try added { $0.loss = loss }
      #expect(file.text.contains("loss=\(loss.rawValue)\n"))
      let outputs = try NetworkBuilder.build(file).outputs
      let classifier = try #require(outputs.classifier)
      #expect((classifier.branch != nil) == (loss == .uncertainty))
      #expect(classifier.training.isWeighted == (loss == .uncertainty))
      // What no other tool knows is taken out again.
      #expect(try !file.removingBranches().text.contains("loss="))
    }
    let both = try added {
      $0.loss = .anchor
      $0.branch = .convBayes
      $0.mode = .accompanyDetached
    }
    let outputs = try NetworkBuilder.build(both).outputs
    #expect(outputs.classifier?.branch?.mode == .accompanyDetached)
    #expect(
      message {
        try added {
          $0.loss = .uncertainty
          $0.branch = .conv
        }
      }.contains("loss=uncertainty needs a [convBayes] branch, which was ruled out"))
    #expect(
      message {
        var plan = BranchPlan()
        plan.loss = .ohem
        return try parse(tinyNetwork).adding(plan)
      }
        == "x.cfg:24: [yolo] has no loss ohem, which is for other networks; it has bce, focal, anchor, "
        + "uncertainty")
  }
}
