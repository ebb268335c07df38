public import Detection
import Foundation
public import Uncertainty

/// The manifest of a folder of uncertainty maps; paths are relative to the folder.
public struct UncertaintyManifest: Hashable, Sendable, Codable {
  /// One scale of the network.
  public struct Scale: Hashable, Sendable, Codable {
    /// Pixels of the input from one cell to the next.
    public var stride: Int
    /// Cells from left to right.
    public var width: Int
    /// Cells from top to bottom.
    public var height: Int
    /// Anchors of a cell.
    public var anchors: Int
  }

  /// A rectangle of whole pixels.
  public struct Rectangle: Hashable, Sendable, Codable {
    /// First column.
    public var left: Int
    /// First row.
    public var top: Int
    /// Columns.
    public var width: Int
    /// Rows.
    public var height: Int
  }

  /// A map: the picture and the numbers.
  public struct Map: Hashable, Sendable, Codable {
    /// What the values are.
    public var kind: UncertaintyKind
    /// Their unit, empty for a pure number.
    public var unit: String
    /// Where the values come from; absent for a map of all scales.
    public var scale: Scale?
    /// The picture on the fixed scale, with its colour bar.
    public var png: String
    /// Photo with detections and the map over the photo; for a map of all scales.
    public var overlay: String?
    /// The values as float32, of ``shape``: the whole network input, margins included.
    public var npy: String
    /// [H, W, A] for one scale, [H, W] for all.
    public var shape: [Int]
    /// The values of the first and the last colour.
    public var colorRange: [Float]
    /// Of all values in ``npy`` that are not NaN; absent if there are none.
    public var values: ValueStatistics?
    /// Of the cells that the image reaches into, without the letterbox's margin.
    public var valuesInImage: ValueStatistics?
  }

  /// The maps of one image.
  public struct Entry: Hashable, Sendable, Codable {
    /// The image, as the user named it.
    public var file: String
    /// Pixels of the image.
    public var width: Int
    /// Pixels of the image.
    public var height: Int
    /// Pixels of the network input.
    public var inputWidth: Int
    /// Pixels of the network input.
    public var inputHeight: Int
    /// How the image was brought to the input.
    public var resize: ResizeMode
    /// Where it lies there.
    public var imageInInput: Rectangle
    /// One map for each kind and scale.
    public var maps: [Map]
    /// One map for each kind, of all scales.
    public var combined: [Map]

    /// One line: file, size, and mean and maximum of each combined map in the image.
    public var text: String {
      let maps = combined.map { map in
        guard let values = map.valuesInImage else { return "\(map.kind.rawValue) none" }
        return map.kind.rawValue
          + String(format: " mean %.3f max %.3f", Double(values.mean), Double(values.maximum))
          + (map.unit.isEmpty ? "" : " " + map.unit)
      }
      return "\(file) (\(width)x\(height)): \(maps.joined(separator: ", "))"
    }
  }

  /// What became of a cell's anchors in the pictures and in combined maps.
  public var anchorReduction: ValueReduction
  /// What became of the scales in combined maps.
  public var scaleReduction: ValueReduction
  /// What the pictures show between the centres of cells.
  public var sampling: HeatMap.Sampling
  /// Where the weights come from.
  public var model: String
  /// How BALD was computed.
  public var bald: BALDSettings
  /// In the order in which they were named.
  public var images: [Entry]

  /// The options of ``BALD``, and of the entropy as far as they concern it.
  public struct BALDSettings: Hashable, Sendable, Codable {
    /// How the expected entropy is computed.
    public var form: BALD.Form
    /// What turns a logit into the argument of Φ.
    public var logitScale: BALD.LogitScale
    /// Whether negative values, which are errors of the closed form, became 0.
    public var clampsNegative: Bool

    /// The options in use.
    public init(_ bald: BALD) {
      form = bald.form
      logitScale = bald.logitScale
      clampsNegative = bald.clampsNegative
    }
  }

  /// A manifest of the images that were done.
  public init(style: UncertaintyStyle, model: String, bald: BALD, images: [Entry]) {
    anchorReduction = style.anchorReduction
    scaleReduction = style.scaleReduction
    sampling = style.sampling
    self.model = model
    self.bald = BALDSettings(bald)
    self.images = images
  }
}
