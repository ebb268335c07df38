import Compute
import Detection
import Experiments
import Files
import Foundation
import Geometry
import Images
import Tasks
import Training

/// A trained detector in a program of your own.
///
/// It keeps its memory between pictures and is used by one thread at a time; the work of a picture is
/// shared out over its own threads. Make several for several pictures at once.
public struct ObjectDetector {
  /// The names of the classes that it knows.
  public let classNames: [String]
  /// Where its weights come from, for people.
  public let origin: String
  private let finder: ObjectFinder

  /// The model of a training run's folder: its best weights.
  ///
  /// - Parameters:
  ///   - run: The folder.
  ///   - confidence: Only larger confidences are reported, 0...1.
  ///   - suppression: Of two boxes of a class with a larger IoU the less confident is dropped.
  ///   - threads: How many share the work of a picture; nil: one for each core.
  /// - Throws: ``DetectorError`` with one line that names what is wrong.
  public init(
    run: String, confidence: Float = 0.25, suppression: Float = 0.45, threads: Int? = nil
  ) throws {
    try self.init(ModelChoice(.run(run)), confidence, suppression, threads)
  }

  /// A model of Darknet's files, also those of `detector convert`.
  ///
  /// - Parameters:
  ///   - configuration: The cfg, or the name of one that comes with the program.
  ///   - weights: The weights file.
  ///   - names: A file with a class name a line; nil: one beside the cfg, if there is one.
  ///   - confidence: Only larger confidences are reported, 0...1.
  ///   - suppression: Of two boxes of a class with a larger IoU the less confident is dropped.
  ///   - threads: How many share the work of a picture; nil: one for each core.
  /// - Throws: ``DetectorError`` with one line that names what is wrong.
  public init(
    configuration: String, weights: String, names: String? = nil, confidence: Float = 0.25,
    suppression: Float = 0.45, threads: Int? = nil
  ) throws {
    let files = ModelChoice.DarknetFiles(
      configuration: configuration, weights: weights, names: names)
    try self.init(ModelChoice(.darknet(files)), confidence, suppression, threads)
  }

  private init(
    _ choice: ModelChoice, _ confidence: Float, _ suppression: Float, _ threads: Int?
  ) throws {
    (finder, classNames) = try DetectorError.naming {
      let count = threads ?? ProcessInfo.processInfo.activeProcessorCount
      let model = try choice.load(CPUBackend(pool: ThreadPool(threadCount: count)))
      var settings = choice.settings(of: model, confidence: confidence, suppression: suppression)
      settings.detection.classes = .best
      settings.detection.clipsBoxes = false
      return (
        try ObjectFinder(model, settings), try model.detectedClassNames(Console(isQuiet: true))
      )
    }
    origin = finder.model.origin
  }

  /// The objects in a picture: JPEG, PNG, BMP, TIFF or WebP, turned as its EXIF data say.
  ///
  /// - Returns: The most confident first.
  /// - Throws: ``DetectorError`` for a file that is no picture.
  public func objects(inFile path: String) throws -> [DetectedObject] {
    try objects(in: DetectorError.naming { try Image.read(URL(filePath: path)) })
  }

  /// The objects in a picture in memory.
  ///
  /// - Parameters:
  ///   - pixels: 3 · width · height bytes, row by row from the top, red, green, blue.
  ///   - width: Pixels in a row.
  ///   - height: Rows.
  /// - Returns: The most confident first.
  /// - Throws: ``DetectorError`` for another number of bytes.
  public func objects(inPixels pixels: [UInt8], width: Int, height: Int) throws -> [DetectedObject]
  {
    guard width > 0, height > 0, pixels.count == 3 * width * height else {
      throw DetectorError(
        description: "\(pixels.count) bytes are no picture of \(width)x\(height) pixels")
    }
    return try objects(in: Image(width: width, height: height, pixels: pixels))
  }

  private func objects(in image: Image) throws -> [DetectedObject] {
    try DetectorError.naming {
      try finder.detections(in: image).map { DetectedObject($0, classNames: classNames) }
    }
  }
}

/// Why something cannot be done: one line that names file, place and cause.
public struct DetectorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// Whatever `body` throws, as a line.
  static func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw DetectorError(description: "\(error)".onOneLine)
    }
  }
}
