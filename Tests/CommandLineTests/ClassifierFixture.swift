import Foundation
import TestSupport
import Testing

/// A classifier that was trained on folders of pictures.
enum ClassifierFixture {
  static let network = smallClassifier(
    """
    batch=8
    width=16
    height=16
    channels=3
    mean=.5
    std=.25
    learning_rate=.05
    max_batches=100
    policy=constant
    """, classes: 3)

  /// Twelve noisy pictures of each class in `train`, eight in `test`.
  static func write(to folder: URL) throws {
    try folder.write("net.cfg", network)
    for (index, name) in ["ant", "bee", "cow"].enumerated() {
      for i in 0..<12 {
        try folder.writePicture("data/train/\(name)/\(i).png", seed: UInt64(100 * index + i))
      }
      for i in 0..<8 {
        try folder.writePicture("data/test/\(name)/\(i).png", seed: UInt64(1000 + 100 * index + i))
      }
    }
    try folder.writePicture("other/1.png", seed: 5000)
    try folder.writePicture("other/2.png", seed: 5001)
  }

  /// Calls `body` with a program whose folder holds the network, the data, `run` (two epochs of a
  /// network with a Bayesian branch) and `other`, two pictures of neither class.
  static func use(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      let program = Program(folder: folder)
      let trained = try program.run(
        ["train", "--data", "data", "--val-fraction", "0.7", "--model", "net.cfg", "--epochs", "2"]
          + ["--branch", "convBayes", "--out", "run"])
      #expect(trained.status == 0, "\(trained.errors)")
      try body(program)
    }
  }
}
