package import Compute

/// `[crop]`: a part of the network's input, as old Darknet networks cut it: the middle in inference; in
/// training one that is drawn for each image, mirrored in half of them if it `flips`.
///
/// Values v become 2 v − 1 unless `keepsValues`. No gradient comes back: it reads the input.
package final class Crop: Layer {
  /// `crop`.
  package let kind = "crop"
  /// Columns of the part.
  package let width: Int
  /// Rows of the part.
  package let height: Int
  /// Whether half of the images are mirrored in training.
  package let flips: Bool
  /// Whether values stay as they are.
  package let keepsValues: Bool
  /// 2 and −1 of each channel; mean 0 and deviation 1.
  private let factor, offset, statistics: Tensor

  /// A part of an input of so many channels; its constants lie on `memory`.
  ///
  /// - Throws: ``LayerError`` for an empty part; ``ComputeError``.
  package init(
    width: Int, height: Int, channels: Int, flips: Bool, keepsValues: Bool,
    on memory: any MemorySource
  ) throws {
    guard width > 0, height > 0 else {
      throw LayerError.invalid(layer: kind, reason: "crop_width and crop_height must be positive")
    }
    self.width = width
    self.height = height
    self.flips = flips
    self.keepsValues = keepsValues
    func constant(_ value: Float) throws -> Tensor {
      let values = [Float](repeating: value, count: channels)
      return try Tensor(Shape(channels: channels), values: values, on: memory)
    }
    factor = try constant(2)
    offset = try constant(-1)
    statistics = try Tensor(
      Shape(width: 2, channels: channels),
      values: [Float](repeating: 0, count: channels) + [Float](repeating: 1, count: channels),
      on: memory)
  }

  /// [N, height, width, C].
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    let input = try only(inputs)
    guard width <= input.width, height <= input.height else {
      throw LayerError.invalid(
        layer: kind,
        reason: "crop_width=\(width) and crop_height=\(height) are more than the input's "
          + "\(input.width)x\(input.height)")
    }
    return Shape(batch: input.batch, height: height, width: width, channels: input.channels)
  }

  /// Draws from the pass's stream in training.
  package func forward(_ pass: ForwardPass) {
    let shape = pass.inputs[0].shape
    let (freeX, freeY) = (shape.width - width, shape.height - height)
    for image in 0..<shape.batch {
      var (x, y, isMirrored) = (freeX / 2, freeY / 2, false)
      if pass.mode == .training {
        var random = pass.random.split(UInt64(image))
        x = random.integer(in: 0...freeX)
        y = random.integer(in: 0...freeY)
        isMirrored = flips && random.bernoulli(0.5)
      }
      copy(image, pass, x: x, y: y, isMirrored: isMirrored)
    }
    guard !keepsValues else { return }
    pass.backend.normalizeAgain(
      pass.output, scale: factor, bias: offset, activation: .linear, statistics: statistics,
      into: pass.output)
  }

  /// Nothing: pictures learn nothing.
  package func backward(_ pass: BackwardPass) {}

  private func copy(_ image: Int, _ pass: ForwardPass, x: Int, y: Int, isMirrored: Bool) {
    let (input, channels) = (pass.inputs[0], pass.output.shape.channels)
    let row = input.shape.width * channels
    // Each row of the part is one "pixel" of all its values.
    let source = Tensor(
      Shape(batch: height, channels: row), in: input.buffer,
      at: input.offset + (image * input.shape.height + y) * row)
    let part = pass.output.images(image..<image + 1)
      .reshaped(Shape(batch: height, channels: width * channels))
    let target = GradientTarget(part, accumulate: false)
    guard isMirrored else {
      pass.backend.copyChannels(
        source, from: x * channels, into: target, at: 0, count: width * channels)
      return
    }
    for column in 0..<width {
      pass.backend.copyChannels(
        source, from: (x + width - 1 - column) * channels, into: target, at: column * channels,
        count: channels)
    }
  }
}
