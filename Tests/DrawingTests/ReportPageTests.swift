import Detection
import Evaluation
import Foundation
import Geometry
import Images
import Testing
import Uncertainty

@testable import Drawing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportPageTests {
  static let sections = [
    "verdict", "summary", "evaluated", "precision-recall", "reliability", "risk-coverage",
    "confusion", "mistakes", "training", "worst", "missed", "uncertain", "typical", "differences",
  ]

  /// Without a log of the training, missed objects or whole photos, and of one run without differences.
  private static func sections(_ count: Int) -> [String] {
    sections.filter {
      !["training", "missed", "typical"].contains($0) && (count > 1 || $0 != "differences")
    }
  }

  private static let names = ["a<b", "c&\"d'"]

  /// Two images with a right and a wrong detection each; the second wrong one is more confident.
  private func images(_ shift: Float = 0) -> [EvaluatedImage] {
    let box = Box(left: 10, top: 10, right: 50, bottom: 50)
    return (0..<10).map { index in
      EvaluatedImage(
        id: "photo<\(index)>", objects: [GroundTruth(box: box, classIndex: 0)],
        detections: [
          Detection(box: box, classIndex: 0, confidence: 0.9 - shift, objectness: 1),
          Detection(
            box: Box(left: 10, top: 10, right: 50, bottom: 49), classIndex: 1,
            confidence: 0.3 + Float(index) / 100, objectness: 1),
        ])
    }
  }

  private func run(_ name: String, _ images: [EvaluatedImage]) throws -> ReportRun {
    let draws = Bootstrap(draws: 20)
    var evaluation = try EvaluationReport(
      images: images, classNames: Self.names, metrics: [.voc07, .voc12], bootstrap: draws)
    evaluation.trust = try TrustReport(
      images: images, classNames: Self.names, options: .init(bootstrap: draws))
    var run = try ReportRun(
      name: name, settings: [.init("weights", "best & <last>")], evaluation: evaluation,
      images: images, classNames: Self.names, seconds: 1.25)
    let telling = try TellingDetections(images: images, classNames: Self.names, count: 2)
    let photo = Image(width: 80, height: 60, red: 90)
    func examples(_ entries: [TellingDetections.Entry]) -> [ReportExample] {
      entries.map { entry in
        let image = images[entry.imageIndex]
        let crop = DetectionCrop(
          photo: photo, detection: image.detections[entry.detectionIndex],
          objects: image.objects, object: entry.objectIndex)
        return ReportExample(
          entry, of: image, classNames: Self.names, picture: crop.picture(), map: nil)
      }
    }
    run.confidentMistakes = examples(telling.confidentMistakes)
    run.mostUncertain = examples(telling.mostUncertain)
    return run
  }

  private func page(_ count: Int) throws -> ReportPage {
    let first = images()
    var runs = [try run("one", first)]
    if count > 1 {
      let others = images(0.2)
      var second = try run("two]]>&", others)
      let draws = Bootstrap(draws: 20)
      second.comparison = try EvaluationComparison(
        of: others, with: first, name: "one", classNames: Self.names, metrics: [.voc07, .voc12],
        bootstrap: draws)
      second.trustDifference = try TrustDifference(
        from: first, to: others, classNames: Self.names, bootstrap: draws)
      runs.append(second)
    }
    return try EvaluationPage(
      data: "photos", problems: ["3 × <missing>"], classNames: Self.names, runs: runs
    ).page()
  }

  @Test(arguments: [1, 2]) func thePageIsWellFormedAndWhole(_ count: Int) throws {
    let page = try page(count)
    let sections = Self.sections(count)
    #expect(page.sections.map(\.id) == sections)
    #expect(page.sections.allSatisfy { $0.hint.count > 40 && !$0.blocks.isEmpty })
    let outline = try Outline(page.html)
    #expect(outline.sections == sections)
    #expect(outline.links == sections.map { "#\($0)" })
    // Nothing is fetched, nothing is run.
    #expect(outline.sources.allSatisfy { $0.hasPrefix("data:image/") })
    // Photos are pictures; plots, and the one that lays two runs over each other, are graphics of the page.
    #expect(outline.sources.count == count * 4)
    #expect(outline.plots.count == count * (1 + 2 + 1) + (count > 1 ? 1 : 0))
    #expect(!outline.elements.contains("script") && !outline.elements.contains("link"))
    #expect(!page.html.contains("url(") && !page.html.contains("@import"))
    for source in outline.sources {
      let data = try #require(
        source.firstIndex(of: ",").flatMap {
          Data(base64Encoded: String(source[$0...].dropFirst()))
        })
      let isPNG = data.starts(with: [0x89, 0x50, 0x4E, 0x47])
      #expect(source.hasPrefix(isPNG ? "data:image/png;" : "data:image/jpeg;"))
      #expect(isPNG || data.starts(with: [0xFF, 0xD8, 0xFF]))
    }
    #expect(outline.text.contains("a<b") && outline.text.contains("c&\"d'"))
    #expect(outline.text.contains("Left out: 3 × <missing>."))
    #expect(outline.text.contains("best & <last>"))
    #expect(outline.text.contains("two]]>&") == (count == 2))
  }

  @Test func everySectionIsShownWhenThereIsSomethingInIt() throws {
    let first = images()
    var run = try run("one", first)
    run.course.losses = [.init(name: "loss", points: [Point(1, 5), Point(8, 2)])]
    run.course.losses.append(.init(name: "auxiliary", points: [Point(1, 1)]))
    run.course.scores = [.init(name: "voc12", points: [Point(4, 0.5), Point(8, 0.75)])]
    run.options = [.init("options.batch", "8"), .init("options.seed", "1")]
    let photo = Image(width: 20, height: 10)
    run.missed = [ReportPicture(photo, caption: "a small one")]
    run.typical = [ReportPicture(photo, caption: "image 3: 2 annotated, 1 found")]
    var other = run
    other.name = "other"
    other.options[1] = .init("options.seed", "2")
    var page = try EvaluationPage(data: "d", classNames: Self.names, runs: [run, other]).page()
    page.footer = "Made by <detector>"
    #expect(page.sections.map(\.id) == Self.sections)
    let outline = try Outline(page.html)
    let text = outline.text
    #expect(text.contains("The auxiliary loss is that of the Bayesian branch"))
    #expect(text.contains("a small one") && text.contains("2 annotated, 1 found"))
    #expect(text.contains("Made by <detector>"))
    // What differs is shown; all options are there to unfold.
    #expect(text.contains("Options of training in which the runs differ"))
    #expect(text.contains("All 2 options of training") && outline.elements.contains("details"))
    #expect(text.components(separatedBy: "options.seed").count == 3)
    #expect(text.components(separatedBy: "options.batch").count == 2)
    for name in [
      "losses of all runs", "scores of all runs", "mean precision-recall curves of all runs",
    ] {
      #expect(outline.plots.contains(name), "\(name)")
    }
  }

  @Test func theNumbersSayWhatToDoNext() throws {
    let outline = try Outline(try page(1).html)
    #expect(outline.elements.contains("ol") && outline.text.contains("What to do next"))
    // Ten objects of the first class, none of the second, which only takes what is the first's.
    #expect(
      outline.text.contains(
        "Judge on more images: the numbers of a<b (10 objects) rest on very few objects."))
  }

  @Test func intervalsAndUnitsAreNotBroken() {
    #expect(
      ReportPage.prose("90.1 [80.0, 95.5] better, see [N, C] at 5 %")
        == "90.1 [80.0,\u{A0}95.5] better, see [N, C] at 5\u{A0}%")
    #expect(ReportPage.prose("[+1.0, -2.0]") == "[+1.0,\u{A0}-2.0]")
    #expect(ReportPage.prose("[open, and on") == "[open, and on")
  }

  @Test func whatIsJustBelowAHalfIsNotCalledAHalf() {
    #expect(ReportText.roundedDown(0.4996) == "49.9" && ReportText.roundedDown(0.5) == "50.0")
    #expect(ReportText.whole(0.9999) == 99 && ReportText.whole(1) == 100)
    #expect(
      ReportText.whole(0.0001) == 1 && ReportText.whole(0) == 0 && ReportText.whole(0.394) == 39)
  }

  @Test func numbersAreThoseOfTheEvaluation() throws {
    let text = try Outline(try page(1).html).text.replacingOccurrences(of: "\u{A0}", with: " ")
    // 20 detections, the 10 wrong ones least confident: 2 of them go to a person.
    #expect(
      text.contains(
        "sending the most uncertain 10 % (lowest confidence, 2 of 20 boxes) to a person raises"
          + " precision from 50.0 % to 55.6 %"), "\(text)")
    #expect(text.contains("Boxes with confidence ≥ 0.900, where F1 is largest: 100.0 %"))
    #expect(text.contains("c&\"d' 39 %: wrong class, annotated is a<b (image photo<9>)"))
  }

  /// Many curves have a frame each, in the order of the classes, and a matrix narrow columns.
  @Test func manyClassesHavePanels() throws {
    let names = (0..<8).map { "class \($0)" }
    let box = Box(left: 10, top: 10, right: 50, bottom: 50)
    // Class k is found right in k of ten images; class 0 has no objects.
    let images = (0..<10).map { index in
      EvaluatedImage(
        id: "\(index)", objects: (1..<8).map { GroundTruth(box: box, classIndex: $0) },
        detections: (1..<8).map {
          Detection(
            box: index < $0 ? box : Box(left: 60, top: 60, right: 90, bottom: 90),
            classIndex: $0, confidence: 0.9 - Float(index) / 20, objectness: 1)
        })
    }
    let evaluation = try EvaluationReport(images: images, classNames: names, metrics: [.voc12])
    let run = try ReportRun(
      name: "r", settings: [], evaluation: evaluation, images: images, classNames: names, seconds: 1
    )
    let html = try EvaluationPage(data: "d", classNames: names, runs: [run]).page().html
    let outline = try Outline(html)
    let curves = outline.plots.filter { $0.hasPrefix("precision-recall curves of r: ") }
    #expect(curves.map { $0.suffix(7) } == (1..<8).map { "class \($0)" })
    #expect(html.contains("<table class=\"dense\">") && outline.text.contains("·"))
    guard case .voc(let voc) = evaluation.results[0].result else {
      Issue.record("not evaluated as VOC: \(evaluation.results[0].result)")
      return
    }
    let panels = PrecisionRecallPlot(voc).panels
    #expect(panels[6].plot.title == "class 7 70.0")
    // Up to a recall of .1 all seven are right, beyond .7 none is.
    let mean = panels[0].plot.series[0].points
    #expect(mean.count == 101 && mean[10].y == 1 && mean[71].y == 0)
    // From .6 to .7 one of seven, which is right until then.
    #expect(abs(mean[65].y - 1.0 / 7) < 1e-12)
    #expect(panels.allSatisfy { $0.plot.series[0] == panels[0].plot.series[0] })
  }

  @Test func markupAndControlCharactersAreText() throws {
    let nasty = "<script>&amp;\"'</title>\u{0}\u{B}\u{1B}\u{FFFF}ü😀"
    let page = ReportPage(
      title: nasty, introduction: [nasty],
      sections: [
        .init(
          id: "s", title: nasty, hint: nasty,
          blocks: [
            .text(nasty), .warning(nasty), .heading(nasty),
            .table(.init(caption: nasty, header: [nasty], rows: [[.init(nasty, note: nasty)]])),
            .columns([.init(title: nasty, blocks: [])]),
            .figures([
              .init([try .init(drawing: Image(width: 1, height: 1), nasty)], caption: nasty)
            ]),
          ])
      ])
    let outline = try Outline(page.html)
    #expect(!outline.elements.contains("script"))
    let plain = "<script>&amp;\"'</title>\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}ü😀"
    #expect(outline.text.components(separatedBy: plain).count == 1 + 15)
    #expect(outline.descriptions == [plain])
  }

  @Test func shortNamesStayDifferent() {
    #expect(ReportRun.names(["runs/a", "runs/b/"]) == ["a", "b"])
    #expect(ReportRun.names(["x/a/seed-1", "x/b/seed-1"]) == ["a/seed-1", "b/seed-1"])
    #expect(ReportRun.names(["a", "./a"]) == ["a (1)", "a (2)"])
    #expect(ReportRun.names(["/"]) == ["/"])
  }

  @Test func cropsHoldDetectionAndObject() {
    let photo = Image(width: 400, height: 300, red: 10, green: 10, blue: 10)
    let detection = Detection(
      box: Box(left: 100, top: 100, right: 140, bottom: 120), classIndex: 0, confidence: 1,
      objectness: 1)
    let object = GroundTruth(box: Box(left: 90, top: 80, right: 130, bottom: 120), classIndex: 0)
    let crop = DetectionCrop(
      photo: photo, detection: detection, objects: [object], object: 0, sides: 10...1000)
    // 90...140 by 80...120 with a margin of 25.
    let picture = crop.picture()
    #expect(picture.width == 100 && picture.height == 90)
    #expect(picture[35, 60] == (0xFF, 0x87, 0x00))
    #expect(picture[25, 30] == (0x00, 0xB4, 0xFF))
    #expect(picture[5, 5] == (10, 10, 10))
    let small = DetectionCrop(photo: photo, detection: detection, objects: [], sides: 200...220)
    #expect(max(small.picture().width, small.picture().height) == 200)
    // A map lies under the same boxes.
    let grid = AnchorGrid(stride: 100, width: 4, height: 3, anchorCount: 1)
    let map = UncertaintyMap(kind: .bald, grid: grid, values: .init(repeating: 1, count: 12))
    let placement = ImagePlacement(
      imageWidth: 400, imageHeight: 300, inputWidth: 400, inputHeight: 300, mode: .stretch)
    let overlay = crop.overlay([map], placement: placement, opacity: 1)
    #expect(overlay.width == 100 && overlay.height == 90)
    #expect(overlay[35, 60] == (0xFF, 0x87, 0x00))
    let end = ColorMap.sequential.color(at: 1)
    #expect(overlay[5, 5] == (end.red, end.green, end.blue))
  }
}

/// What a strict XML parser finds in a page.
private final class Outline: NSObject, XMLParserDelegate {
  private(set) var elements: Set<String> = []
  private(set) var sections: [String] = []
  private(set) var links: [String] = []
  private(set) var sources: [String] = []
  private(set) var descriptions: [String] = []
  private(set) var plots: [String] = []
  private(set) var text = ""

  init(_ html: String) throws {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    try #require(
      parser.parse(), "line \(parser.lineNumber): \(parser.parserError.debugDescription)")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.insert(name)
    if name == "section", let id = attributes["id"] { sections.append(id) }
    if name == "a", let link = attributes["href"] { links.append(link) }
    if name == "svg", let description = attributes["aria-label"] { plots.append(description) }
    if name == "img" {
      if let source = attributes["src"] { sources.append(source) }
      if let description = attributes["alt"] { descriptions.append(description) }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
