import Datasets
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct CIFARTests {
  private let names = (0..<10).map { "class\($0)" }

  private func write(_ folder: URL) throws {
    for batch in 1...2 {
      try folder.writeCIFAR(
        "data_batch_\(batch).bin", labels: (0..<20).map { [UInt8($0 % 2 == 0 ? 3 : 8)] },
        value: UInt8(20 * batch))
    }
    try folder.writeCIFAR("test_batch.bin", labels: [[3], [9]])
    try folder.write("batches.meta.txt", names.joined(separator: "\n") + "\n\n")
  }

  @Test(arguments: ["", "cifar-10-batches-bin"])
  func readsCIFAR10(below: String) throws {
    try withTemporaryFolder { folder in
      try write(below.isEmpty ? folder : folder.appending(path: below))
      let set = try recognized(folder)
      #expect(
        try set.summary(shares: SplitShares(validation: 0.2, test: 0.2, seed: 4))
          == "data: CIFAR-10, train 40 images, test 2 images (never trained on), 10 classes; no "
          + "lists: 80 % train, 20 % val of the images of each class of train, chosen by seed 4")
      func labels(_ split: String, seed: UInt64 = 1) throws -> [Sample<Int>] {
        try [set].labels(split: split, rules: shares(0.2, seed: seed)).samples
      }
      let (train, val) = (try labels("train"), try labels("val"))
      #expect(val.map(\.target).sorted() == [3, 3, 3, 3, 8, 8, 8, 8])
      #expect(Set(train.map(\.id)).union(val.map(\.id)).count == 40 && train.count == 32)
      #expect(try labels("val").map(\.id) == val.map(\.id))
      #expect(try labels("val", seed: 2).map(\.id) != val.map(\.id))
      #expect(try labels("test").map(\.target) == [3, 9])
      #expect(try labels("trainval").count == 40)
      #expect(try labels("all").count == 42)
      #expect(try [set].labels(split: "test").classNames == names)
      let first = try #require(try labels("trainval").first { $0.id == "data_batch_2#5" })
      let image = try first.image.read()
      #expect(image.width == 32 && image.height == 32 && image[31, 31] == (45, 46, 47))
      #expect(try first.image.readSize() == PixelSize(width: 32, height: 32))
      #expect(first.image.path.hasSuffix("data_batch_2.bin#5"))
    }
  }

  @Test func readsTheFineLabelsOfCIFAR100() throws {
    try withTemporaryFolder { folder in
      try folder.writeCIFAR("train.bin", labels: [[1, 70], [2, 99]])
      try folder.writeCIFAR("test.bin", labels: [[5, 3]])
      let names = (0..<100).map { "c\($0)" }
      try folder.write("fine_label_names.txt", names.joined(separator: "\n"))
      let set = try recognized(folder)
      #expect(set.format == .cifar100)
      let data = try [set].labels(split: "trainval")
      #expect(data.samples.map(\.target) == [70, 99] && data.classNames == names)
      #expect(try data.samples[1].image.read()[0, 0] == (1, 2, 3))
      let some = try [set].labels(split: "trainval", classNames: ["c99"])
      #expect(some.samples.map(\.target) == [0])
      #expect(some.problems.map(\.text) == ["'c70' is not in the list of classes"])
    }
  }

  @Test func namesBrokenFiles() throws {
    try withTemporaryFolder { folder in
      try write(folder)
      try FileManager.default.removeItem(at: folder.appending(path: "batches.meta.txt"))
      let set = try recognized(folder)
      #expect(
        message { _ = try [set].labels(split: "test") }
          == "\(folder.path): the names of the classes are missing: no batches.meta.txt or "
          + "fine_label_names.txt; give them with --names")
      #expect(try [set].labels(split: "test", classNames: names).samples.count == 2)
      try folder.writeCIFAR("test_batch.bin", labels: [[3], [10]])
      #expect(
        message { _ = try [set].labels(split: "test", classNames: names) }
          == "\(folder.path)/test_batch.bin#1: label 10 of 10 classes")
      try folder.write("test_batch.bin", "abc")
      #expect(
        message { _ = try [set].labels(split: "test", classNames: names) }
          == "\(folder.path)/test_batch.bin: 3 bytes, which are not whole records of 3073; fetch it "
          + "again")
      let record = ImageSource.record(
        ImageRecord(
          file: folder.appending(path: "test_batch.bin"), number: 0, offset: 1,
          size: PixelSize(width: 32, height: 32)))
      #expect(
        message { _ = try record.read() }
          == "\(folder.path)/test_batch.bin#0: truncated or corrupt record: 2 of 3072 bytes are "
          + "there; fetch it again")
    }
  }
}
