import Compute
import Datasets
import Foundation
import TestSupport
import Testing

/// Folders named for classes, CSV tables and Darknet's lists.
@Suite struct ClassFilesTests {
  private func labels(_ set: RecognizedDataset, _ split: String) throws -> [String: String] {
    let data = try [set].labels(split: split)
    return Dictionary(
      uniqueKeysWithValues: data.samples.map { ($0.id, data.classNames[$0.target]) })
  }

  @Test func readsFoldersOfSplits() throws {
    try withTemporaryFolder { folder in
      for (index, path) in [
        "train/dog/1.jpg", "train/cat/1.jpg", "train/cat/2.PNG", "valid/dog/7.jpg",
        "valid/cat/8.jpg", "test/cat/9.jpg", "train/cat/notes.txt",
      ].enumerated() {
        if path.hasSuffix("txt") {
          try folder.write(path, "")
        } else {
          try folder.writePicture(path, seed: UInt64(index))
        }
      }
      let set = try recognized(folder)
      #expect(
        try set.summary()
          == "data: class folders, SPLIT/CLASS/, test 1 images (never trained on), train 3 images, "
          + "val 2 images, 2 classes")
      #expect(
        try labels(set, "train")
          == ["train/cat/1.jpg": "cat", "train/cat/2.PNG": "cat", "train/dog/1.jpg": "dog"])
      #expect(try labels(set, "val") == ["valid/cat/8.jpg": "cat", "valid/dog/7.jpg": "dog"])
      #expect(try labels(set, "test") == ["test/cat/9.jpg": "cat"])
      let data = try [set].labels(split: "all")
      #expect(data.classNames == ["cat", "dog"])
      #expect(data.problems.map(\.text) == ["no picture of 'dog' in test"])
    }
  }

  /// Shares of each class where nobody has divided the set; an empty class is named.
  @Test func readsFoldersThatAreNotDivided() throws {
    try withTemporaryFolder { folder in
      for i in 0..<10 {
        try folder.writePicture("b/\(i).jpg", seed: UInt64(i))
        try folder.writePicture("a/\(i).jpg", seed: UInt64(20 + i))
      }
      try FileManager.default.createDirectory(
        at: folder.appending(path: "c"), withIntermediateDirectories: false)
      let set = try recognized(folder)
      func counts(_ split: String) throws -> [Int] {
        let data = try [set].labels(split: split, rules: shares(0.2, test: 0.1))
        return (0..<3).map { label in data.samples.count { $0.target == label } }
      }
      #expect(try counts("train") == [7, 7, 0])
      #expect(try counts("val") == [2, 2, 0])
      #expect(try counts("test") == [1, 1, 0])
      let problems = try [set].labels(split: "all").problems
      #expect(problems.map(\.kind) == [.missingClass])
      #expect(problems.first?.file.hasSuffix("/c") == true)
    }
  }

  @Test func readsTinyImageNet() throws {
    try withTemporaryFolder { folder in
      for (index, name) in ["n00000001", "n00000002", "n00000003"].enumerated() {
        try folder.writePicture("train/\(name)/images/\(name)_0.JPEG", seed: UInt64(index))
        try folder.writePicture("val/images/val_\(index).JPEG", seed: UInt64(10 + index))
      }
      try folder.writePicture("test/images/test_0.JPEG", seed: 50)
      try folder.write(
        "val/val_annotations.txt",
        "val_0.JPEG\tn00000002\t0\t0\t9\t9\nval_1.JPEG\tn00000001\t0\t0\t9\t9\n"
          + "val_2.JPEG\tn00000003\t0\t0\t9\t9\n")
      try folder.write(
        "words.txt", "n00000001\tcrane\nn00000002\tgoldfish, Carassius auratus\nn00000003\tcrane\n")
      let set = try recognized(folder)
      #expect(
        try labels(set, "val") == [
          "val/images/val_0.JPEG": "goldfish", "val/images/val_1.JPEG": "crane (n00000001)",
          "val/images/val_2.JPEG": "crane (n00000003)",
        ])
      #expect(try labels(set, "train").count == 3)
      try folder.write("val/val_annotations.txt", "val_0.JPEG\n")
      #expect(throws: DataError.self) { try recognized(folder) }
    }
  }

  @Test func readsATable() throws {
    try withTemporaryFolder { folder in
      for i in 0..<4 { try folder.writePicture("p/\(i).jpg", seed: UInt64(i)) }
      try folder.write(
        "list.csv",
        """
        path,label,split
        p/0.jpg,10,train
        "p/1.jpg",9,training
        p/2.jpg,9,valid
        p/3.jpg,10,test
        p/4.jpg,10,test
        p/0.jpg,9,test

        """)
      let set = try recognized(folder, "list.csv")
      let data = try [set].labels(split: "all")
      // Whole numbers by value.
      #expect(data.classNames == ["9", "10"])
      #expect(try labels(set, "train") == ["p/0.jpg": "10", "p/1.jpg": "9"])
      #expect(try labels(set, "val") == ["p/2.jpg": "9"])
      #expect(data.problems.prefix(2).map(\.kind) == [.missingImage, .duplicateEntry])
      #expect(data.problems[1].text == "named as '10' and as '9' in list.csv")
    }
  }

  @Test(arguments: [
    ("a,b\n1,2\n", "list.csv:1: expected a header with path and label, and perhaps split"),
    ("path,label\nx.jpg\n", "list.csv:2: 1 fields, the header has 2"),
    ("path,label\nx.jpg,\n", "list.csv:2: a path or label is missing"),
  ])
  func refusesATable(text: String, error: String) throws {
    try withTemporaryFolder { folder in
      try folder.write("list.csv", text)
      #expect {
        try recognized(folder, "list.csv")
      } throws: {
        "\($0)".hasSuffix(error)
      }
    }
  }

  /// Darknet would find "rain" in every path of `train`, and "cat" in "classification".
  @Test func readsDarknetsListsWithoutItsTrap() throws {
    try withTemporaryFolder { folder in
      for path in [
        "classification/train/1_rain.jpg", "classification/train/cat/2.jpg",
        "classification/val/3-cat.b.jpg",
      ] { try folder.writePicture(path, seed: 1) }
      try folder.write("labels.txt", "rain\ncat\n")
      try folder.write("names.txt", "Rain\nA cat\n")
      try folder.write(
        "train.list", "classification/train/1_rain.jpg\nclassification/train/cat/2.jpg\n")
      try folder.write("val.list", "classification/val/3-cat.b.jpg\n")
      try folder.write(
        "cfg/set.data",
        "classes=2\ntrain = train.list\nvalid= val.list\nlabels=labels.txt\nnames = names.txt\ntop=2\n"
      )
      let set = try recognized(folder, "cfg/set.data")
      #expect(
        try labels(set, "train") == [
          "classification/train/1_rain.jpg": "Rain", "classification/train/cat/2.jpg": "A cat",
        ])
      #expect(try labels(set, "val") == ["classification/val/3-cat.b.jpg": "A cat"])
      func error(_ path: String, darknet: Bool = false) throws -> String {
        try folder.write("val.list", path + "\n")
        do {
          _ = try RecognizedDataset(
            recognizing: DataArgument(folder.appending(path: "cfg/set.data")),
            darknetLabels: darknet)
          return ""
        } catch {
          return "\(error)"
        }
      }
      #expect(try error("x/4.jpg").contains("x/4.jpg: no label fits"))
      #expect(try error("x/rain_cat.jpg").contains("'rain' and 'cat' fit"))
      #expect(try error("brain/4.jpg").contains("--darknet-labels"))
      #expect(try error("brain/4.jpg", darknet: true) == "")
      #expect(try error("brain/concatenated.jpg", darknet: true).contains("'rain' and 'cat' fit"))
    }
  }

  @Test(arguments: [
    ("data_batch_1", "CIFAR's pickles for Python"), ("x.h5", "HDF5 files"),
    ("x.pkl", "Python's pickles"),
  ])
  func namesWhatToUseInstead(file: String, format: String) throws {
    try withTemporaryFolder { folder in
      try folder.write(file, "")
      #expect {
        try recognized(folder)
      } throws: {
        "\($0)".contains(format + " are not read; ")
      }
    }
  }

  @Test func checksEveryPicture() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("train/a/1.png", seed: 1)
      try folder.writePicture("train/b/2.png", seed: 1)
      try folder.writePicture("train/b/3.png", seed: 3)
      try folder.writePicture("test/a/4.png", seed: 3)
      try folder.write("test/b/5.png", "no picture")
      let check = try LabelCheck(
        try recognized(folder), split: "all", classNames: nil, rules: ReadingRules(),
        pool: ThreadPool(threadCount: 2))
      #expect(check.imageCount == 4)
      #expect(check.counts == [2, 3])
      let texts = check.findings.map {
        "\($0.kind.rawValue): " + $0.text.replacing(folder.path + "/", with: "")
      }
      #expect(texts.contains { $0.hasPrefix("unreadable image: ") })
      #expect(
        texts.contains(
          "duplicate image: the same pixels as test/a/4.png: one is in train, one in test, one is "
            + "'b', one 'a'"))
      #expect(
        texts.contains("duplicate image: the same pixels as train/a/1.png: one is 'b', one 'a'"))
    }
  }
}
