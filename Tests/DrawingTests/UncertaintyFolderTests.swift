import Detection
import Files
import Foundation
import Images
import TestSupport
import Testing
import Uncertainty

@testable import Drawing
@testable import Geometry

@Suite struct UncertaintyFolderTests {
  private let placement = ImagePlacement(
    imageWidth: 60, imageHeight: 30, inputWidth: 64, inputHeight: 64, mode: .letterbox)

  /// Maps of two kinds over two scales, the finer one twice.
  private func maps() -> [UncertaintyMap] {
    [UncertaintyKind.bald, .sigma].flatMap { kind in
      [(16, 4), (8, 8), (8, 8)].enumerated().map { index, scale in
        let grid = AnchorGrid(stride: scale.0, width: scale.1, height: scale.1, anchorCount: 3)
        return UncertaintyMap(
          kind: kind, grid: grid,
          values: randomValues(grid.count, in: 0...1, seed: UInt64(index + 1)))
      }
    }
  }

  private func image(_ folder: URL, _ name: String = "a.png") throws -> ImageFile {
    let url = folder.appending(path: name)
    try Image(width: 60, height: 30, red: 90, green: 120, blue: 40).writePNG(to: url)
    return try #require(ImageFile.list([url.path]).first)
  }

  private func content(_ source: ImageFile) throws -> UncertainImage {
    UncertainImage(
      source: source, image: try Image.read(source.url), placement: placement,
      resize: .letterbox,
      detections: [
        Detection(
          box: Box(left: 5, top: 5, right: 30, bottom: 25), classIndex: 0, confidence: 0.9,
          objectness: 0.9)
      ], maps: maps())
  }

  @Test func writesEverythingTheManifestNames() throws {
    try withTemporaryFolder { folder in
      let source = try image(folder)
      let out = folder.appending(path: "maps").path
      let target = try UncertaintyFolder(out, sources: [source])
      let entry = try target.write(content(source), classNames: ["dog"])
      try target.write(
        UncertaintyManifest(
          style: UncertaintyStyle(), model: "m", bald: BALD(), images: [entry]))
      let data = try Data(contentsOf: URL(filePath: out + "/manifest.json"))
      let manifest = try JSONDecoder().decode(UncertaintyManifest.self, from: data)
      #expect(manifest.images == [entry])
      #expect(manifest.anchorReduction == .max && manifest.sampling == .nearest)
      #expect(
        entry.maps.map(\.png)
          == ["bald", "sigma"].flatMap { kind in
            ["16", "8", "8-2"].map { "a/\(kind)-stride\($0).png" }
          })
      #expect(entry.combined.map(\.npy) == ["a/bald-combined.npy", "a/sigma-combined.npy"])
      let named = (entry.maps + entry.combined).flatMap {
        [$0.png, $0.npy] + ($0.overlay.map { [$0] } ?? [])
      }
      #expect(Set(named).count == named.count)
      let found = try FileManager.default.contentsOfDirectory(atPath: out + "/a").map { "a/" + $0 }
      #expect(Set(found) == Set(named))
      for name in named where name.hasSuffix(".png") {
        let picture = try Image.read(URL(filePath: out + "/" + name))
        #expect(picture.width > 480 && picture.height > 240)
      }
    }
  }

  @Test func numbersAreThoseOfTheMaps() throws {
    try withTemporaryFolder { folder in
      let source = try image(folder)
      let out = folder.appending(path: "maps").path
      let maps = maps()
      var style = UncertaintyStyle()
      style.sigmaLimit = 2
      style.anchorReduction = .mean
      let entry = try UncertaintyFolder(out, sources: [source])
        .write(content(source), classNames: ["dog"], style: style)
      for (map, record) in zip(maps, entry.maps) {
        #expect(record.shape == [map.grid.height, map.grid.width, 3])
        #expect(record.scale?.stride == map.grid.stride && record.scale?.anchors == 3)
        #expect(record.values == ValueStatistics(map.values))
        #expect(record.colorRange == (record.kind == .sigma ? [0, 2] : [0, 1]))
        let bytes = try Data(contentsOf: URL(filePath: out + "/" + record.npy))
        let stored = bytes.suffix(4 * map.values.count).withUnsafeBytes {
          Array($0.assumingMemoryBound(to: Float.self))
        }
        #expect(stored == map.values)
        // The image takes rows 16..<48 of 64: the middle half of the cells.
        let row = map.grid.width * 3
        let inside = map.values[map.grid.height / 4 * row..<map.grid.height * 3 / 4 * row]
        #expect(record.valuesInImage == ValueStatistics(inside))
      }
      let combined = ValueGrid.combined(maps[..<3].map { $0.reduced(by: .mean) }, by: .max)
      #expect(entry.combined[0].shape == [8, 8])
      #expect(entry.combined[0].values == ValueStatistics(combined.values))
      #expect(entry.imageInInput == .init(x: 0, y: 16, width: 64, height: 32))
      #expect(entry.width == 60 && entry.inputHeight == 64 && entry.resize == .letterbox)
    }
  }

  /// A map without any value, as of an image whose anchors are all ignored, is no error.
  @Test func mapsWithoutValues() throws {
    try withTemporaryFolder { folder in
      let source = try image(folder)
      let grid = AnchorGrid(stride: 32, width: 2, height: 3, anchorCount: 1)
      let content = UncertainImage(
        source: source, image: try Image.read(source.url), placement: placement,
        resize: .letterbox, detections: [],
        maps: [
          UncertaintyMap(kind: .difficulty, grid: grid, values: [Float](repeating: .nan, count: 6))
        ])
      let target = try UncertaintyFolder(folder.path + "/maps", sources: [source])
      let entry = try target.write(content, classNames: [])
      #expect(entry.maps[0].shape == [3, 2, 1] && entry.combined[0].shape == [3, 2])
      #expect(entry.maps[0].values == nil && entry.combined[0].valuesInImage == nil)
      try target.write(
        UncertaintyManifest(
          style: UncertaintyStyle(), model: "m", bald: BALD(), images: [entry]))
    }
  }

  @Test func imagesAreNotReplaced() throws {
    try withTemporaryFolder { folder in
      let inside = folder.appending(path: "a")
      try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
      let sources = try [image(folder), image(inside, "bald-stride8.png")]
      #expect(throws: FileError.self) { try UncertaintyFolder(folder.path, sources: sources) }
      #expect(throws: Never.self) {
        try UncertaintyFolder(folder.path + "/maps", sources: sources)
        try UncertaintyFolder(folder.path, sources: [sources[0]])
      }
    }
  }

  /// The photo is shown eight times as large, and so are the boxes.
  @Test func boxesAreDrawnWhereTheyAre() throws {
    try withTemporaryFolder { folder in
      let content = try content(image(folder))
      let figures = UncertaintyFigures(content, style: UncertaintyStyle())
      let grid = content.maps[0].reduced()
      let picture = figures.overlay(grid, .bald, from: "", classNames: ["dog"])
      let alone = figures.map(grid, .bald, from: "")
      let color = Palette.photoColor(0)
      // Both figures begin with a panel in the same place.
      let corner = try #require((0..<picture.height).first { picture[12, $0] == (90, 120, 40) })
      for (x, y) in [(40, 120), (239, 120), (120, 40), (120, 199)] {
        #expect(picture[12 + x, corner + y] == (color.red, color.green, color.blue), "(\(x), \(y))")
      }
      // 16 of 64 input rows are margin: the second of four rows of cells comes first.
      for (x, y, row, column) in [(0, 0, 1, 0), (479, 0, 1, 3), (130, 119, 1, 1), (130, 120, 2, 1)]
      {
        let color = HeatMap(range: 0...1).color(of: grid[row: row, column: column])
        #expect(alone[12 + x, corner + y] == (color.red, color.green, color.blue), "(\(x), \(y))")
      }
    }
  }

  @Test func viewsKeepTheShape() {
    let style = UncertaintyStyle()
    for (size, view) in [
      ((640, 424), (640, 424)), ((64, 48), (480, 360)), ((4000, 3000), (1000, 750)),
      ((10000, 5), (1000, 1)), ((1, 1), (480, 480)),
    ] { #expect(style.viewSize(width: size.0, height: size.1) == view) }
  }
}
