import Detection
import Drawing
import Evaluation
import Foundation
import Geometry
import Images
import Testing
import Uncertainty

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportPageTests {
  static let sections = [
    "verdict", "summary", "evaluated", "precision-recall", "reliability", "risk-coverage",
    "confusion", "mistakes", "training", "worst", "uncertain", "differences",
  ]

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
    #expect(page.sections.map(\.id) == Self.sections)
    #expect(page.sections.allSatisfy { $0.hint.count > 40 && !$0.blocks.isEmpty })
    let outline = try Outline(page.html)
    #expect(outline.sections == Self.sections)
    #expect(outline.links == Self.sections.map { "#\($0)" })
    // Nothing is fetched, nothing is run.
    #expect(outline.sources.allSatisfy { $0.hasPrefix("data:image/") })
    #expect(outline.sources.count == count * (1 + 2 + 1 + 4))
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
    #expect(outline.text.contains("This run's folder has no log of its training."))
    #expect(outline.text.contains("There is one run only") == (count == 1))
    #expect(outline.text.contains("two]]>&") == (count == 2))
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

  /// Many curves have a frame each, the best class first, and a matrix narrow columns.
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
    let curves = outline.descriptions.filter { $0.hasPrefix("precision-recall curves of r: ") }
    #expect(curves.map { $0.suffix(7) } == (1..<8).reversed().map { "class \($0)" })
    #expect(html.contains("<table class=\"dense\">") && outline.text.contains("·"))
    guard case .voc(let voc) = evaluation.results[0].result else {
      Issue.record("not evaluated as VOC: \(evaluation.results[0].result)")
      return
    }
    let panels = PrecisionRecallPlot(voc).panels
    #expect(panels[0].plot.title == "class 7 70.0")
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
    if name == "img" {
      if let source = attributes["src"] { sources.append(source) }
      if let description = attributes["alt"] { descriptions.append(description) }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
