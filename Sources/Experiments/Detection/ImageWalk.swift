package import Images

/// Images one after the other: one that cannot be read is named, and the others are done.
package struct ImageWalk {
  /// How many images could be read.
  package struct Outcome: Equatable, Sendable {
    package var read = 0
    package var total = 0

    package init(read: Int = 0, total: Int) {
      self.read = read
      self.total = total
    }

    /// Says how many could not be read; nil if all could.
    package var complaint: String? {
      read < total ? "\(total - read) of \(total) images could not be read" : nil
    }

    /// Both walks together.
    package static func + (first: Outcome, second: Outcome) -> Outcome {
      Outcome(read: first.read + second.read, total: first.total + second.total)
    }
  }

  package let files: [ImageFile]
  private let console: Console

  /// A walk that names unreadable images on a console.
  package init(_ files: [ImageFile], _ console: Console) {
    self.files = files
    self.console = console
  }

  /// Calls `body` with every image that can be read.
  ///
  /// - Parameters:
  ///   - counts: Whether the console shows how many are done.
  ///   - body: Gets the image's place in the list.
  /// - Returns: How many images could be read.
  /// - Throws: What `body` throws.
  package func forEach(
    counts: Bool = false, _ body: (Int, ImageFile, Image) throws -> Void
  ) throws -> Outcome {
    var outcome = Outcome(total: files.count)
    var meter = console.meter(total: files.count, unit: "images")
    for (index, file) in files.enumerated() {
      if let image = image(file) {
        try body(index, file, image)
        outcome.read += 1
      }
      if counts { meter.update(index + 1) }
    }
    meter.finish()
    return outcome
  }

  private func image(_ file: ImageFile) -> Image? {
    do {
      return try Image.read(file.url)
    } catch {
      console.say("Error: \(error)")
      return nil
    }
  }
}
