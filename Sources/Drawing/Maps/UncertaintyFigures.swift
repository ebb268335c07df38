import Detection
import Evaluation
import Foundation
import Geometry
import Images
import Uncertainty

/// The pictures of one image's maps.
struct UncertaintyFigures {
  let content: UncertainImage
  let style: UncertaintyStyle
  private let photo: Image

  init(_ content: UncertainImage, style: UncertaintyStyle) {
    self.content = content
    self.style = style
    let size = style.viewSize(width: content.image.width, height: content.image.height)
    photo = content.image.resized(width: size.width, height: size.height)
  }

  /// One map with its bar.
  func map(_ grid: ValueGrid, _ kind: UncertaintyKind, from source: String) -> Image {
    let map = style.heatMap(kind)
    let picture = map.picture(
      of: grid, placement: content.placement, width: photo.width, height: photo.height)
    return figure(
      grid, kind, map, [HeatMapFigure.Panel(caption: source, image: picture)])
  }

  /// The photo with detections beside the map over the photo.
  func overlay(
    _ grid: ValueGrid, _ kind: UncertaintyKind, from source: String, classNames: [String]
  ) -> Image {
    let map = style.heatMap(kind)
    let scaleX = Float(photo.width) / Float(content.image.width)
    let scaleY = Float(photo.height) / Float(content.image.height)
    let detections = content.detections.map { detection in
      var detection = detection
      detection.box = detection.box.transformed(scaleX: scaleX, scaleY: scaleY)
      return detection
    }
    let boxes = DetectionPicture(classNames: classNames).drawing(detections, on: photo)
    let overlay = map.overlay(
      of: grid, placement: content.placement, on: photo, opacity: style.opacity)
    let count = detections.count
    return figure(
      grid, kind, map,
      [
        HeatMapFigure.Panel(
          caption: count == 1 ? "1 detection" : "\(count) detections", image: boxes),
        HeatMapFigure.Panel(
          caption: "\(source), \(Int((style.opacity * 100).rounded()))% over the photo",
          image: overlay),
      ])
  }

  /// The values of the cells that the image reaches into.
  func valuesInImage(_ grid: ValueGrid) -> ValueStatistics? {
    statistics(grid.values, width: grid.width, height: grid.height, anchors: 1)
  }

  /// The values of all anchors of the cells that the image reaches into.
  func valuesInImage(_ map: UncertaintyMap) -> ValueStatistics? {
    statistics(
      map.values, width: map.grid.width, height: map.grid.height, anchors: map.grid.anchorCount)
  }

  private func statistics(
    _ values: [Float], width: Int, height: Int, anchors: Int
  ) -> ValueStatistics? {
    let cells = PlacedGrid.cellsInImage(content.placement, width: width, height: height)
    return ValueStatistics(
      cells.rows.lazy.flatMap { row in
        values[
          (row * width + cells.columns.lowerBound)
            * anchors..<(row * width
            + cells.columns.upperBound) * anchors]
      })
  }

  private func figure(
    _ grid: ValueGrid, _ kind: UncertaintyKind, _ map: HeatMap, _ panels: [HeatMapFigure.Panel]
  ) -> Image {
    let cells = PlacedGrid.cellsInImage(
      content.placement, width: grid.width, height: grid.height)
    let isMissing = cells.rows.contains { row in
      cells.columns.contains { grid[row: row, column: $0].isNaN }
    }
    return HeatMapFigure(
      title: Self.title(kind), note: note(grid, map), panels: panels, map: map, unit: kind.unit,
      showsMissing: isMissing
    ).image()
  }

  private func note(_ grid: ValueGrid, _ map: HeatMap) -> String {
    guard let found = valuesInImage(grid) else { return "no values" }
    let numbers = [("min", found.minimum), ("mean", found.mean), ("max", found.maximum)]
      .map { "\($0) \(String(format: "%.3f", Double($1)))" }
    let isBeyond = found.maximum > map.range.upperBound
    return numbers.joined(separator: "  ") + (isBeyond ? " (beyond the colours)" : "")
  }

  static func title(_ kind: UncertaintyKind) -> String {
    switch kind {
    case .bald: "BALD of the objectness"
    case .sigma: "sigma of the objectness"
    case .entropy: "entropy of the objectness"
    case .difficulty: "difficulty of the objectness"
    }
  }
}
