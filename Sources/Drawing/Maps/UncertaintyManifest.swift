import Evaluation
import Foundation
package import Geometry
package import Uncertainty

/// The manifest of a folder of uncertainty maps; paths are relative to the folder.
package struct UncertaintyManifest: Hashable, Sendable, Codable {
  /// One scale of the network.
  package struct Scale: Hashable, Sendable, Codable {
    /// Pixels of the input from one cell to the next.
    package var stride: Int
    /// Cells from left to right.
    package var width: Int
    /// Cells from top to bottom.
    package var height: Int
    /// Anchors of a cell.
    package var anchors: Int
  }

  /// A map: the picture and the numbers.
  package struct Map: Hashable, Sendable, Codable {
    /// What the values are.
    package var kind: UncertaintyKind
    /// Their unit, empty for a pure number.
    package var unit: String
    /// Where the values come from; absent for a map of all scales.
    package var scale: Scale?
    /// The picture on the fixed scale, with its colour bar.
    package var png: String
    /// Photo with detections and the map over the photo; for a map of all scales.
    package var overlay: String?
    /// The values as float32, of ``shape``: the whole network input, margins included.
    package var npy: String
    /// [H, W, A] for one scale, [H, W] for all.
    package var shape: [Int]
    /// The values of the first and the last colour.
    package var colorRange: [Float]
    /// Of all values in ``npy`` that are not NaN; absent if there are none.
    package var values: ValueStatistics?
    /// Of the cells that the image reaches into, without the letterbox's margin.
    package var valuesInImage: ValueStatistics?
  }

  /// The maps of one image.
  package struct Entry: Hashable, Sendable, Codable {
    /// The image, as the user named it.
    package var file: String
    /// Pixels of the image.
    package var width: Int
    /// Pixels of the image.
    package var height: Int
    /// Pixels of the network input.
    package var inputWidth: Int
    /// Pixels of the network input.
    package var inputHeight: Int
    /// How the image was brought to the input.
    package var resize: ResizeMode
    /// Where it lies there.
    package var imageInInput: PixelRectangle
    /// One map for each kind and scale.
    package var maps: [Map]
    /// One map for each kind, of all scales.
    package var combined: [Map]

    /// One line: file, size, and mean and maximum of each combined map in the image.
    package var text: String {
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
  package var anchorReduction: ValueReduction
  /// What became of the scales in combined maps.
  package var scaleReduction: ValueReduction
  /// What the pictures show between the centres of cells.
  package var sampling: HeatMap.Sampling
  /// Where the weights come from.
  package var model: String
  /// How BALD was computed.
  package var bald: BALDSettings
  /// In the order in which they were named.
  package var images: [Entry]

  /// The options of ``BALD``, and of the entropy as far as they concern it.
  package struct BALDSettings: Hashable, Sendable, Codable {
    /// How the expected entropy is computed.
    package var form: BALD.Form
    /// What turns a logit into the argument of Φ.
    package var logitScale: BALD.LogitScale
    /// Whether negative values, which are errors of the closed form, became 0.
    package var clampsNegative: Bool

    /// The options in use.
    package init(_ bald: BALD) {
      form = bald.form
      logitScale = bald.logitScale
      clampsNegative = bald.clampsNegative
    }
  }

  /// A manifest of the images that were done.
  package init(style: UncertaintyStyle, model: String, bald: BALD, images: [Entry]) {
    anchorReduction = style.anchorReduction
    scaleReduction = style.scaleReduction
    sampling = style.sampling
    self.model = model
    self.bald = BALDSettings(bald)
    self.images = images
  }
}
