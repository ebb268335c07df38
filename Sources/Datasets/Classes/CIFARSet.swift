import Compute
import Foundation
import Geometry
import Images

/// CIFAR-10 or CIFAR-100 in the binary format (Krizhevsky 2009): records of one or two bytes of
/// labels and a 32 x 32 picture as planes of red, green and blue.
struct CIFARSet: Sendable {
  private static let size = PixelSize(width: 32, height: 32)
  private static let pictureBytes = 3072

  let folder: URL
  /// 10 or 100.
  let classCount: Int
  let training: [URL]
  let test: [URL]
  /// The names that the folder lists; nil if it lists none.
  let classNames: [String]?

  /// CIFAR-100 has a coarse label in front of the fine one, which counts.
  private var labelBytes: Int { classCount == 100 ? 2 : 1 }
  private var recordBytes: Int { labelBytes + Self.pictureBytes }

  /// The set in a folder, or in the folder that the download makes there; nil if there is none.
  static func find(in folder: URL) throws -> CIFARSet? {
    for name in ["", "cifar-10-batches-bin", "cifar-100-binary"] {
      let place = name.isEmpty ? folder : folder.appending(path: name)
      if VOCFolder.isFolder(place), let set = try CIFARSet(folder: place) { return set }
    }
    return nil
  }

  private init?(folder: URL) throws {
    self.folder = folder
    let names = try VOCFolder.list(folder)
    let batches = names.filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
    let list: String
    if !batches.isEmpty || names.contains("test_batch.bin") {
      classCount = 10
      training = batches.map { folder.appending(path: $0) }
      test = names.contains("test_batch.bin") ? [folder.appending(path: "test_batch.bin")] : []
      list = "batches.meta.txt"
    } else if names.contains("train.bin") || names.contains("test.bin") {
      classCount = 100
      training = names.contains("train.bin") ? [folder.appending(path: "train.bin")] : []
      test = names.contains("test.bin") ? [folder.appending(path: "test.bin")] : []
      list = "fine_label_names.txt"
    } else {
      return nil
    }
    guard names.contains(list) else {
      classNames = nil
      return
    }
    let file = folder.appending(path: list)
    do {
      classNames = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    if let count = classNames?.count, count != classCount {
      throw DataError.folder(file.path, reason: "\(count) class names, expected \(classCount)")
    }
  }

  var partNames: [String] {
    (training.isEmpty ? [] : ["train"]) + (test.isEmpty ? [] : ["test"])
  }

  func count(_ files: [URL]) throws -> Int {
    try files.reduce(0) { try $0 + recordCount($1) }
  }

  private func recordCount(_ file: URL) throws -> Int {
    let bytes: Int
    do {
      bytes = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
    } catch {
      throw DataError.unreadable(file.path, error)
    }
    guard bytes > 0, bytes % recordBytes == 0 else {
      throw DataError.folder(
        file.path,
        reason: "\(bytes) bytes, which are not whole records of \(recordBytes); fetch it again")
    }
    return bytes / recordBytes
  }

  /// The pictures of a split in the order of the files, with labels as the files count them.
  ///
  /// Seeded shares are taken of each class.
  func samples(_ choice: SplitChoice) throws -> [Sample<Int>] {
    switch choice {
    case .parts(let names):
      return try names.flatMap { try read($0 == "test" ? test : training) }
    case .share(let share, _, let shares):
      return shares.chosen(share, of: try read(training), byClass: \.target)
    }
  }

  private func read(_ files: [URL]) throws -> [Sample<Int>] {
    try files.flatMap { file in
      let count = try recordCount(file)
      let bytes: Foundation.Data
      do {
        bytes = try Foundation.Data(contentsOf: file, options: .mappedIfSafe)
      } catch {
        throw DataError.unreadable(file.path, error)
      }
      let stem = file.deletingPathExtension().lastPathComponent
      return try (0..<count).map { number in
        let start = number * recordBytes
        let label = Int(bytes[bytes.startIndex + start + labelBytes - 1])
        guard label < classCount else {
          throw DataError.folder(
            "\(file.path)#\(number)", reason: "label \(label) of \(classCount) classes")
        }
        return Sample(
          id: "\(stem)#\(number)",
          image: .record(
            ImageRecord(
              file: file, number: number, offset: start + labelBytes, size: Self.size)),
          target: label, size: Self.size)
      }
    }
  }
}
