import Foundation
package import Geometry
package import Images
package import Keypoints
import Uncertainty

/// What a network says of each keypoint of a person: one tile a keypoint, of which each shows one map or
/// several beside each other.
///
/// A white ring marks the annotated place, a cross the one that was found.
package struct KeypointSheet: Sendable {
  /// A map that a tile shows.
  package enum Map: String, CaseIterable, Hashable, Sendable {
    /// How likely the keypoint is to be there, over the darkened photo; 0...1.
    case heat
    /// Mutual information of a pixel's label and the weights, bits; 0...1.
    case bald
    /// What anchor loss multiplies cross-entropy by: red above 1, where a false peak is as high as the
    /// true one, blue below 1, grey where the target is not 0.
    case anchor
  }

  /// A keypoint with its maps, which cover the whole input.
  package struct Joint: Sendable {
    /// What it is called.
    package let name: String
    /// Where it was found, in pixels of the picture; nil: not found.
    package let found: FoundKeypoint?
    /// Where it is annotated, in pixels of the picture; nil: not labelled.
    package let truth: LabelledKeypoint?
    /// Probabilities, or whatever the network's maps are.
    package let heat: Heatmap
    /// Bits; nil without a Bayesian branch.
    package let bald: Heatmap?
    /// The modulator of anchor loss, ≥ 0, and NaN where the target is not 0; nil: not known.
    package let modulator: Heatmap?

    /// A keypoint.
    package init(
      name: String, found: FoundKeypoint? = nil, truth: LabelledKeypoint? = nil, heat: Heatmap,
      bald: Heatmap? = nil, modulator: Heatmap? = nil
    ) {
      self.name = name
      self.found = found
      self.truth = truth
      self.heat = heat
      self.bald = bald
      self.modulator = modulator
    }

    /// One of the maps; nil if it is not there.
    func map(_ map: Map) -> Heatmap? {
      switch map {
      case .heat: heat
      case .bald: bald
      case .anchor: modulator
      }
    }
  }

  /// The first line.
  package var title: String
  /// The picture.
  package let photo: Image
  /// Where the picture lies in the input.
  package let placement: ImagePlacement
  /// The keypoints, row by row.
  package let joints: [Joint]
  /// The maps of a tile from left to right; those that no keypoint has are left out.
  package var maps = Map.allCases
  /// The longer side of a map in pixels.
  package var side = 176
  /// The most pixels of a row of tiles; one tile always fits.
  package var rowWidth = 1700

  /// What stands where a map has no value.
  static let missing = Color(hex: 0x9A9A9A)
  private static let photoBrightness: Float = 0.5
  static let margin = 12
  static let gap = 3
  private static let ink = Color(hex: 0x222222)
  private let font = StrokeFont(size: 18)

  /// A sheet of keypoints.
  package init(title: String, photo: Image, placement: ImagePlacement, joints: [Joint]) {
    precondition(!joints.isEmpty, "no keypoint")
    self.title = title
    self.photo = photo
    self.placement = placement
    self.joints = joints
  }

  /// The maps that some keypoint has.
  var shown: [Map] { maps.filter { map in joints.contains { $0.map(map) != nil } } }

  /// Columns and rows of a map.
  var viewSize: (width: Int, height: Int) {
    let (width, height) = (placement.source.width, placement.source.height)
    func scaled(_ length: Int) -> Int { max(length * side / max(width, height), 1) }
    return (scaled(width), scaled(height))
  }

  private var tileWidth: Int {
    let maps = max(shown.count, 1)
    return max(maps * viewSize.width + (maps - 1) * Self.gap, 120)
  }
  private var line: Int { Int((font.size * 1.25).rounded()) }
  private var columns: Int {
    min(joints.count, max(1, (rowWidth + Self.margin) / (tileWidth + Self.margin)))
  }

  /// The upper left corner of a keypoint's map, in pixels of the sheet; `place` counts the maps shown.
  func corner(of joint: Int, place: Int) -> (x: Int, y: Int) {
    (
      Self.margin + joint % columns * (tileWidth + Self.margin)
        + place * (viewSize.width + Self.gap),
      Self.margin + 2 * line + joint / columns * (viewSize.height + line + Self.margin)
    )
  }

  /// The sheet, with a colour bar for each kind of map.
  package func image() -> Image {
    let rows = (joints.count + columns - 1) / columns
    let tilesHeight = rows * (viewSize.height + line + Self.margin)
    let barHeight = max(tilesHeight / max(shown.count, 1) - Self.margin, 150)
    let bars = shown.map {
      ColorBar(map: $0.colors, unit: $0.unit, showsMissing: false, font: font)
    }
    let left = Self.margin + columns * (tileWidth + Self.margin)
    let barWidth = bars.map { $0.width(height: barHeight) }.max() ?? 0
    let heading = StrokeFont(size: 18, weight: .bold)
    let height = max(tilesHeight, bars.count * (barHeight + Self.margin))
    var canvas = Canvas(
      width: max(left + barWidth, Int(heading.width(of: title)) + Self.margin) + Self.margin,
      height: Self.margin + line + height + Self.margin)
    canvas.text(
      title, at: Point(Double(Self.margin), Double(Self.margin) * 0.8), font: heading, Self.ink)
    let view = CropView(
      photo, placement.source, width: viewSize.width, height: viewSize.height)
    for (index, joint) in joints.enumerated() {
      let (x, y) = corner(of: index, place: 0)
      let fitting = max(Int(Double(tileWidth) / font.cellWidth), 1)
      canvas.text(
        caption(of: joint, fitting: fitting), at: Point(Double(x), Double(y - line)), font: font,
        Self.ink)
      for (place, map) in shown.enumerated() {
        let (x, y) = corner(of: index, place: place)
        canvas.draw(picture(map, of: joint, in: view), x: x, y: y)
      }
    }
    for (index, bar) in bars.enumerated() {
      bar.draw(
        on: &canvas, x: left, y: Self.margin + line + index * (barHeight + Self.margin),
        height: barHeight)
    }
    return canvas.image
  }

  /// The name, the height of the peak and, where there is room for it, BALD there.
  func caption(of joint: Joint, fitting count: Int) -> String {
    guard let found = joint.found else { return String(joint.name.prefix(count)) }
    let score = String(format: " %.2f", Double(found.score))
    let caption = String(joint.name.prefix(max(count - score.count, 1))) + score
    let bald = found.doubt?.baldAtPeak.map { String(format: "  %.2f bit", Double($0)) } ?? ""
    return caption.count + bald.count <= count ? caption + bald : caption
  }

  /// One map with its marks; grey without one.
  private func picture(_ map: Map, of joint: Joint, in view: CropView) -> Image {
    let size = viewSize
    guard let values = joint.map(map) else {
      return Image(width: size.width, height: size.height, red: 0xE8, green: 0xE8, blue: 0xE8)
    }
    let grid = ValueGrid(width: values.width, height: values.height, values: values.values)
    var canvas = Canvas(colored(grid, map, over: view.image))
    let reach = max(Double(side) / 28, 3)
    let width = max(Double(side) / 100, 1)
    if let truth = joint.truth {
      let place = view.place(of: truth.position)
      canvas.ring(at: place, radius: reach, .black, width: width + 2, alpha: 0.8)
      canvas.ring(at: place, radius: reach, .white, width: width)
    }
    if let found = joint.found {
      let place = view.place(of: found.position)
      canvas.cross(at: place, reach: reach * 0.75, .black, width: width + 2, alpha: 0.8)
      canvas.cross(at: place, reach: reach * 0.75, Color(hex: 0x4DFFB8), width: width)
    }
    return canvas.image
  }

  /// The colours of a map, grey without a value; a map of heat lets the photo shine through where it is
  /// low.
  private func colored(_ grid: ValueGrid, _ map: Map, over photo: Image) -> Image {
    let placed = PlacedGrid(grid, placement, width: photo.width, height: photo.height)
    let colors = map.colors
    var result = photo
    for y in 0..<photo.height {
      for x in 0..<photo.width {
        let value =
          map == .anchor ? placed.nearest(x: x, y: y) : placed.bilinear(x: x, y: y)
        let color = value.isNaN ? Self.missing : colors.color(of: value)
        let index = 3 * (y * photo.width + x)
        let pixel = Color(
          red: photo.pixels[index], green: photo.pixels[index + 1], blue: photo.pixels[index + 2])
        // Grey, so that all colour is the map's.
        let dark = Float(pixel.lightness) * 255 * Self.photoBrightness
        let opacity = map == .heat && !value.isNaN ? min(max(2.5 * value, 0), 1) : 1
        for (channel, level) in [color.red, color.green, color.blue].enumerated() {
          result.pixels[index + channel] =
            UInt8((dark + (Float(level) - dark) * opacity).rounded())
        }
      }
    }
    return result
  }
}

extension KeypointSheet.Map {
  /// The fixed scale of the map, so that all sheets can be compared.
  var colors: HeatMap {
    switch self {
    case .heat, .bald: return HeatMap(range: 0...1)
    case .anchor:
      var map = HeatMap(range: 0...2)
      map.colors = .diverging
      return map
    }
  }

  /// What stands above the colour bar.
  var unit: String {
    switch self {
    case .heat: "heat"
    case .bald: "BALD/bit"
    case .anchor: "M"
    }
  }
}

extension ColorMap {
  /// From blue over white in the middle to red.
  static let diverging: ColorMap = {
    func mixed(_ share: Double) -> OKLab {
      let end =
        share < 0
        ? OKLab(lightness: 0.42, a: -0.03, b: -0.19) : OKLab(lightness: 0.5, a: 0.18, b: 0.09)
      let weight = abs(share)
      return OKLab(
        lightness: 0.985 + (end.lightness - 0.985) * weight, a: end.a * weight, b: end.b * weight)
    }
    return ColorMap((0...256).map { mixed(Double($0) / 128 - 1).color })
  }()
}
