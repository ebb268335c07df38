import Detection
import Files
import Foundation
import Geometry
package import Images
import Uncertainty

/// A folder for uncertainty maps, with a folder for each image.
///
///     manifest.json
///     dog/bald-stride32.png        the map of one scale: anchors reduced, fixed colours, bar
///     dog/bald-stride32.npy        its values, [H, W, A]
///     dog/bald-combined.png        all scales in one
///     dog/bald-combined.npy        its values, [H, W]
///     dog/bald-overlay.png         photo with detections, and the combined map over the photo
///
/// A second head of the same stride is called `stride32-2`.
package struct UncertaintyFolder: Sendable {
  private let path: String

  /// A folder for the maps of some images.
  ///
  /// - Parameters:
  ///   - path: The folder; made when something is written.
  ///   - sources: All images of which there will be maps.
  /// - Throws: `FileError` if an image lies where maps go.
  package init(_ path: String, sources: [ImageFile]) throws {
    self.path = path
    let root = URL(filePath: path)
    func resolved(_ url: URL) -> String { url.resolvingSymlinksInPath().path }
    let targets = Set(sources.map { resolved(root.appending(path: $0.stem)) })
    for source in sources where targets.contains(resolved(source.url.deletingLastPathComponent())) {
      throw FileError(
        path: path, reason: "maps would go beside the image \(source.path); give another folder")
    }
  }

  /// Writes everything there is about one image.
  ///
  /// - Parameters:
  ///   - content: The image with its maps.
  ///   - classNames: Names of the class indices.
  ///   - style: How the pictures look.
  /// - Returns: The manifest's entry.
  /// - Throws: ``ImageError`` or `FileError` if a file cannot be written.
  package func write(
    _ content: UncertainImage, classNames: [String], style: UncertaintyStyle = UncertaintyStyle()
  ) throws -> UncertaintyManifest.Entry {
    try Folder.make(path + "/" + content.source.stem)
    let figures = UncertaintyFigures(content, style: style)
    var maps: [UncertaintyManifest.Map] = []
    var combined: [UncertaintyManifest.Map] = []
    for (kind, scales) in content.mapsByKind {
      let grids = scales.map { $0.reduced(by: style.anchorReduction) }
      for (index, map) in scales.enumerated() {
        let earlier = scales[..<index].filter { $0.grid.stride == map.grid.stride }.count
        let name = "stride\(map.grid.stride)" + (earlier > 0 ? "-\(earlier + 1)" : "")
        maps.append(try write(map, grids[index], name, figures))
      }
      let grid = ValueGrid.combined(grids, by: style.scaleReduction)
      combined.append(
        try write(grid, kind, scaleCount: scales.count, figures, classNames: classNames))
    }
    let placement = content.placement
    return UncertaintyManifest.Entry(
      file: content.source.path, width: content.image.width, height: content.image.height,
      inputWidth: placement.inputWidth, inputHeight: placement.inputHeight,
      resize: content.resize,
      imageInInput: PixelRectangle(
        x: placement.offsetX, y: placement.offsetY, width: placement.scaledWidth,
        height: placement.scaledHeight),
      maps: maps, combined: combined)
  }

  /// Writes `manifest.json`.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func write(_ manifest: UncertaintyManifest) throws {
    try Folder.make(path)
    try JSONFile.write(manifest, to: path + "/manifest.json")
  }

  private func write(
    _ map: UncertaintyMap, _ grid: ValueGrid, _ name: String, _ figures: UncertaintyFigures
  ) throws -> UncertaintyManifest.Map {
    let stem = "\(figures.content.source.stem)/\(map.kind.rawValue)-\(name)"
    let shape = [map.grid.height, map.grid.width, map.grid.anchorCount]
    try NumPyFile.write(map.values, shape: shape, to: "\(path)/\(stem).npy")
    let anchors = Self.reduced(map.grid.anchorCount, "anchor", figures.style.anchorReduction)
    let source =
      "stride \(map.grid.stride), \(map.grid.width)x\(map.grid.height) cells, \(anchors)"
    try save(figures.map(grid, map.kind, from: source), stem + ".png")
    return entry(
      map.kind, stem, shape: shape, values: map.values, inImage: figures.valuesInImage(map),
      scale: UncertaintyManifest.Scale(
        stride: map.grid.stride, width: map.grid.width, height: map.grid.height,
        anchors: map.grid.anchorCount), figures.style)
  }

  private func write(
    _ grid: ValueGrid, _ kind: UncertaintyKind, scaleCount: Int, _ figures: UncertaintyFigures,
    classNames: [String]
  ) throws -> UncertaintyManifest.Map {
    let name = "\(figures.content.source.stem)/\(kind.rawValue)"
    let stem = name + "-combined"
    let shape = [grid.height, grid.width]
    try NumPyFile.write(grid.values, shape: shape, to: "\(path)/\(stem).npy")
    let source = Self.reduced(scaleCount, "scale", figures.style.scaleReduction)
    try save(figures.map(grid, kind, from: source), stem + ".png")
    try save(
      figures.overlay(grid, kind, from: source, classNames: classNames), name + "-overlay.png")
    var entry = entry(
      kind, stem, shape: shape, values: grid.values, inImage: figures.valuesInImage(grid),
      scale: nil, figures.style)
    entry.overlay = name + "-overlay.png"
    return entry
  }

  private func save(_ picture: Image, _ name: String) throws {
    try picture.writePNG(to: URL(filePath: path).appending(path: name))
  }

  private func entry(
    _ kind: UncertaintyKind, _ stem: String, shape: [Int], values: [Float],
    inImage: ValueStatistics?, scale: UncertaintyManifest.Scale?, _ style: UncertaintyStyle
  ) -> UncertaintyManifest.Map {
    let range = kind.range(sigmaLimit: style.sigmaLimit)
    return UncertaintyManifest.Map(
      kind: kind, unit: kind.unit, scale: scale, png: stem + ".png", overlay: nil,
      npy: stem + ".npy", shape: shape, colorRange: [range.lowerBound, range.upperBound],
      values: ValueStatistics(values), valuesInImage: inImage)
  }

  private static func reduced(_ count: Int, _ what: String, _ reduction: ValueReduction) -> String {
    count == 1 ? "1 \(what)" : "\(reduction.rawValue) of \(count) \(what)s"
  }
}
