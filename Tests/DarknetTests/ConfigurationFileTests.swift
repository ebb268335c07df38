import Darknet
import Foundation
import TestSupport
import Testing

@Suite struct ConfigurationFileTests {
  @Test func sectionsKeysAndLines() throws {
    let file = try parse(
      "# a comment\n; another\n\n[net]\n width = 32\t\nheight=32\n[conv]\nfilters=8\n")
    #expect(file.sections.map(\.name) == ["net", "convolutional"])
    #expect(file.sections.map(\.line) == [4, 7])
    #expect(file.sections[0]["width"]?.value == "32")
    #expect(file.sections[0]["width"]?.line == 5)
    #expect(file.sections[1]["filters"]?.line == 8)
    #expect(file.sections[1]["size"] == nil)
  }

  @Test(arguments: [
    ("conv", "convolutional"), ("max", "maxpool"), ("avg", "avgpool"), ("soft", "softmax"),
    ("conn", "connected"), ("network", "net"),
  ])
  func aliases(_ short: String, _ long: String) throws {
    #expect(try parse("[\(short)]").sections[0].name == long)
  }

  @Test func lineEndings() throws {
    let unix = try parse(tinyNetwork)
    #expect(try parse(tinyNetwork.replacingOccurrences(of: "\n", with: "\r\n")) == unix)
    #expect(try parse(tinyNetwork + "\n\n") == unix)
    #expect(try parse(tinyNetwork.with("classes=2", "classes=3")) != unix)
  }

  @Test func roundTrip() throws {
    let file = try parse("# kept\n" + tinyNetwork)
    #expect(file.text == "# kept\n" + tinyNetwork)
    #expect(try parse(file.serialized()) == file)
    #expect(try parse(file.serialized()).serialized() == file.serialized())
  }

  @Test(arguments: [
    ("", "x.cfg: no section; a cfg starts with [net]"),
    ("\n# only a comment\n", "x.cfg: no section; a cfg starts with [net]"),
    ("width=3\n[net]", "x.cfg:1: width= stands before the first section; a cfg starts with [net]"),
    ("[net]\nwidth=", "x.cfg:2: width= has no value"),
    ("[net]\nwidth", "x.cfg:2: 'width' is neither [section], key=value nor a # comment"),
    ("[net]\n=3", "x.cfg:2: '=3' is neither [section], key=value nor a # comment"),
    ("[net", "x.cfg:1: '[net' is no section; write [name]"),
    ("[]", "x.cfg:1: '[]' is no section; write [name]"),
    ("[", "x.cfg:1: '[' is no section; write [name]"),
    (
      "[net]\nwidth=3\nheight=4\nwidth=5",
      "x.cfg:4: width= is set twice in [net]: 3 at line 2, 5 here; delete one: Darknet reads the "
        + "first, other tools the last"
    ),
    (
      "[net]\n[conv]\nfilters=3\nfilters=4",
      "x.cfg:4: filters= is set twice in [convolutional]: 3 at line 3, 4 here; delete one: Darknet "
        + "reads the first, other tools the last"
    ),
    (
      "[net]\n[convolutional]\nfliters=3",
      "x.cfg:3: unknown key fliters= in [convolutional]; did you mean filters=?"
    ),
    ("[net]\nqwertyuiop=3", "x.cfg:2: unknown key qwertyuiop= in [net]"),
    (
      "[net]\n[convolutionnal]",
      "x.cfg:2: unknown section [convolutionnal]; did you mean [convolutional]?"
    ),
    (
      "[net]\n[conv]\nantialiasing=1",
      "x.cfg:3: antialiasing=1 in [convolutional] is not supported (there is no blur after the "
        + "convolution); only antialiasing=0 is"
    ),
    (
      "[net]\n[detection]",
      "x.cfg:2: [detection] is not supported: YOLOv1's head is not built; use a [yolo] or [region] network"
    ),
    (
      "[net]\n[softmax]\ntree=a.tree",
      "x.cfg:3: tree=a.tree in [softmax] is not supported (class hierarchies are not built)"
    ),
    (
      "[net]\n[softmax]\ntemperature=3",
      "x.cfg:3: temperature=3 in [softmax] is not supported (logits are not divided); only "
        + "temperature=1 is"
    ),
    (
      "[net]\n[local]\nsize=3",
      "x.cfg:2: [local] is not supported: locally connected layers are not built"
    ),
    (
      "[net]\n[detection]\nclasses=20",
      "x.cfg:2: [detection] is not supported: YOLOv1's head is not built; use a [yolo] or [region] "
        + "network"
    ),
  ])
  func refused(_ text: String, _ expected: String) {
    #expect(message { try parse(text) } == expected)
  }

  @Test func lenientWarns() throws {
    let file = try parse(
      "[net]\nwidth=3\nwidth=5\nfoo=1\n[foo]\na=1\n[conv]\nfilters=2", lenient: true)
    #expect(file.sections.map(\.name) == ["net", "convolutional"])
    #expect(file.sections[0]["width"]?.value == "3")
    #expect(
      file.warnings == [
        "x.cfg:3: width= is set twice in [net]: 3 at line 2, 5 here; the first is used, as by Darknet",
        "x.cfg:4: unknown key foo= in [net]; left out",
        "x.cfg:5: unknown section [foo]; left out, not counted as a layer",
      ])
    #expect(throws: DarknetError.self) { try parse("[net]\n[conv]\nxnor=1", lenient: true) }
  }

  /// Darknet's own files have keys of training twice.
  @Test func repeatedKeysThatMakeOneNetwork() throws {
    let file = try parse(
      tinyNetwork.with("height=32", "height=32\nbatch=1\nmomentum=.9\nbatch=64\nmomentum=0.9")
        .with("classes=2", "classes=2\nclasses=2.0\nclasses=2"))
    #expect(try NetConfiguration(file).batch == 1)
    #expect(
      file.warnings.prefix(2) == [
        "x.cfg:6: batch= is set twice in [net]: 1 at line 4, 64 here; the first is used, as by "
          + "Darknet",
        "x.cfg:7: momentum= is set twice in [net]: .9 at line 5, 0.9 here; the first is used, as by "
          + "Darknet",
      ])
    #expect(file.warnings.count == 4)
    // Other readers take the last: it must not keep the old value.
    let changed = try file.settingClassCount(5)
    #expect(
      changed.warnings.count == 2 && changed.text.components(separatedBy: "classes=").count == 2)
    let plain = try changed.removingBranches()
    #expect(plain == changed)
  }

  @Test func ignoredKeysAreReportedOnce() throws {
    let head = "[yolo]\nmap=a\nanchors=1,2\nobj_normalizer=1.0\n"
    let file = try parse("[net]\nangle=0\ncutmix=1\n\(head)\(head)")
    #expect(file.ignoredKeys.map(\.key) == ["cutmix", "map", "map"])
    #expect(file.ignoredKeys.map(\.line) == [3, 5, 9])
    #expect(file.ignoredKeys.map(\.sectionLine) == [1, 4, 8])
    #expect(
      file.ignoredKeysSummary == [
        "x.cfg: cutmix=1 in [net] (line 3) has no effect: it is for classifiers; detectors "
          + "have mosaic=",
        "x.cfg: map=a in [yolo] (lines 5, 9) has no effect: it only renumbers classes in result "
          + "files",
      ])
  }

  /// A rectangle of another picture is for classifiers alone.
  @Test func mixingIsForBothTasks() throws {
    let net = "[net]\nwidth=8\nheight=8\nmosaic=1\nmixup=1\nflip=0\nblur=1\ngaussian_noise=9\n"
    let detector = try parse("\(net)[yolo]\nanchors=1,2")
    #expect(detector.ignoredKeys.isEmpty)
    let read = try NetConfiguration(detector)
    #expect(read.mosaic && read.mixup && !read.flips && read.blur == 1 && read.noise == 9)
    let classifier = try parse("\(net)[conv]\nfilters=4\n[avgpool]\n[softmax]")
    #expect(classifier.ignoredKeys.isEmpty)
    let cut = try parse("[net]\nwidth=8\nheight=8\ncutmix=1\n[conv]\nfilters=4\n[avg]\n[softmax]")
    #expect(try cut.ignoredKeys.isEmpty && NetConfiguration(cut).cutMix)
  }

  /// `label_smooth_eps` of `[net]` is a classifier's.
  @Test func labelSmoothingOfADetectorIsItsHeads() throws {
    let net = "[net]\nwidth=8\nheight=8\nlabel_smooth_eps=.1\n"
    let detector = try parse("\(net)[yolo]\nlabel_smooth_eps=.1")
    #expect(detector.ignoredKeys.map(\.sectionLine) == [1])
    let classifier = "\(net)[conv]\nfilters=4\n[avgpool]\n[softmax]"
    #expect(try parse(classifier).ignoredKeys.isEmpty)
    #expect(try build(classifier).outputs.classifier?.labelSmoothing == 0.1)
  }

  @Test func files() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.cfg")
      #expect(
        message { try ConfigurationFile(contentsOf: url) } == "\(url.path): no such file")
      #expect(
        message { try ConfigurationFile(contentsOf: folder) }
          == "\(folder.relativePath): cannot be read")
      try Data(tinyNetwork.utf8).write(to: url)
      #expect(try ConfigurationFile(contentsOf: url) == parse(tinyNetwork))
      try Data(count: 5 << 20).write(to: url)
      #expect(
        message { try ConfigurationFile(contentsOf: url) }
          == "\(url.path): 5242880 bytes is too long for a cfg; is it a weights file?")
    }
  }
}

/// Spellings of one cfg that other readers understand.
@Suite struct ConfigurationSpellingTests {
  private func spelled(_ bytes: [UInt8]) throws -> ConfigurationFile {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "x.cfg")
      try Data(bytes).write(to: file)
      return try ConfigurationFile(contentsOf: file)
    }
  }

  @Test func marksAndLineEndings() throws {
    let expected = try parse(tinyNetwork)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    for text in [
      tinyNetwork, "# x\n" + tinyNetwork, tinyNetwork.replacing("\n", with: "\r\n"),
      tinyNetwork.replacing("\n", with: "\r"), tinyNetwork.replacing("=", with: " \t=  "),
    ] {
      #expect(try spelled(Array(text.utf8)) == expected)
      #expect(try spelled(mark + Array(text.utf8)) == expected)
    }
    let wide = try #require(tinyNetwork.data(using: .utf16))
    #expect(try spelled(Array(wide)) == expected)
    // What edits change by line is the line that was read.
    let file = try spelled(mark + Array(tinyNetwork.replacing("\n", with: "\r").utf8))
    #expect(try file.setting("width", to: "64") == parse(tinyNetwork.with("width=32", "width=64")))
  }

  @Test func commentsBehindValues() throws {
    let expected = try parse(tinyNetwork)
    for comment in ["# first", "#first", " ; x=3", "\t# [net]"] {
      let text = tinyNetwork.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : $0 + comment }.joined(separator: "\n")
      #expect(try parse(text) == expected)
    }
    #expect(
      try parse(tinyNetwork.with("filters=4", "filters=4.0")).sections[1].integer("filters") == 4)
  }

  @Test func sectionsInAnotherCase() throws {
    let text = tinyNetwork.with("[convolutional]", "[Convolutional]").with("[yolo]", "[YOLO]")
    #expect(message { try parse(text) }.contains("did you mean [convolutional]?"))
    let file = try parse(text, lenient: true)
    #expect(try file == parse(tinyNetwork))
    #expect(file.warnings.count == 4 && file.warnings[0].contains("[Convolutional] is read as"))
  }

  @Test func blanksInsideNumbers() throws {
    let text = tinyNetwork.with("anchors=1,2, 3,4", "anchors=1,2 3,4")
    #expect(message { try parse(text) }.contains("a blank and no comma between '1,2' and '3,4'"))
    #expect(try parse(text, lenient: true).warnings.count == 1)
  }
}
