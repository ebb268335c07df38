package import Compute
import Darknet
import Foundation
import Networks
import Training

/// Into how many parts an update is cut so that a training fits into the memory of a machine.
package struct MemoryFit {
  /// The share of the available memory that a training may plan with; decoded pictures and the rest
  /// of the program take their part too.
  package static let share = 0.6

  /// What is available.
  package let available: AvailableMemory
  /// Bytes that a training needs with so many images in a part.
  let bytes: (_ images: Int) throws -> Int

  /// - Parameters:
  ///   - available: Memory of the machine.
  ///   - bytes: What a training with so many images in a part needs.
  package init(_ available: AvailableMemory, bytes: @escaping (_ images: Int) throws -> Int) {
    self.available = available
    self.bytes = bytes
  }

  /// The fit of a network.
  ///
  /// The plans of all its input sizes are kept, and validation has one too. Several ranks share the images
  /// of a part.
  init(
    _ available: AvailableMemory, _ definition: NetworkDefinition, _ options: TrainingOptions,
    isValidated: Bool, ranks: Int = 1
  ) {
    func memory(_ images: Int, _ width: Int, _ height: Int) throws -> NetworkMemory {
      let input = Shape(
        batch: images, height: height, width: width, channels: definition.net.channels)
      return try NetworkMemory(
        definition.nodes, outputs: definition.outputs, input: input,
        saving: definition.net.savedActivations)
    }
    self.init(available) { part in
      let images = (part + ranks - 1) / ranks
      var sum = 0
      for (width, height) in MultiScale(options).sizes {
        sum += try memory(images, width, height).trainingPlanBytes
      }
      let own = try memory(images, options.inputWidth, options.inputHeight)
      // Values, gradients, what the optimiser remembers, and the moving average; pictures of three
      // parts on their way.
      let copies = 2 + options.optimizer.slots.count + (options.averageDecay == nil ? 0 : 1)
      sum += copies * own.parameterBytes + 4 * own.inputBytes
      if isValidated {
        sum += try memory(8, options.inputWidth, options.inputHeight).inferenceBytes
      }
      return sum
    }
  }

  /// Bytes that a training may plan with.
  private var allowed: Int { Int(Self.share * Double(available.bytes)) }

  /// The smallest number of parts with which a training fits.
  ///
  /// - Parameters:
  ///   - batch: Images of an update.
  ///   - ranks: Processes that each need an image of every part.
  /// - Returns: A divisor of `batch`.
  /// - Throws: ``UsageError`` if not even one image fits.
  package func subdivisions(batch: Int, ranks: Int = 1) throws -> Int {
    for parts in 1...batch where batch % parts == 0 && (parts == 1 || batch / parts >= ranks) {
      if try bytes(batch / parts) <= allowed { return parts }
    }
    throw UsageError(
      "training with one image at a time needs about \(Self.text(try bytes(1))) of memory, and of "
        + "\(Self.text(available.bytes)) that are available it may take \(Self.text(allowed)); a smaller "
        + "--size or another --model needs less, and --subdivisions tries all the same")
  }

  /// What to say about a number of parts that was asked for and seems not to fit, nil if it does.
  package func hint(batch: Int, subdivisions: Int) throws -> String? {
    let needed = try bytes(max(1, batch / max(1, subdivisions)))
    guard needed > available.bytes else { return nil }
    let better = try? self.subdivisions(batch: batch)
    return
      "training needs about \(Self.text(needed)) of memory, and \(Self.text(available.bytes)) are "
      + "available: "
      + (better.map { "--subdivisions \($0) needs less" } ?? "a smaller --size needs less")
  }

  /// Bytes as people say them.
  static func text(_ bytes: Int) -> String {
    let mebibytes = Double(bytes) / 0x1p20
    return mebibytes < 1000
      ? String(format: "%.0f MiB", mebibytes) : String(format: "%.1f GiB", mebibytes / 1024)
  }
}
