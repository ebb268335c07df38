import Foundation
import Testing

/// A tiny data set, a tiny network and a run of it, made once; tests must not change them.
enum Fixture {
  /// What the tests may read; every test works in a folder of its own.
  static func folder() throws -> URL { try made.get() }

  /// Calls `body` with the program in a fresh folder in which `data`, `net.cfg` and `run` are those
  /// of the fixture, and `net.weights` the run's exported weights.
  static func use(_ body: (Program) throws -> Void) throws {
    let shared = try folder()
    let manager = FileManager.default
    let folder = temporaryFolder()
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: folder) }
    for name in ["data", "net.cfg", "run", "net.weights"] {
      try manager.copyItem(at: shared.appending(path: name), to: folder.appending(path: name))
    }
    try body(Program(folder: folder))
  }

  /// The arguments of a short training, without `--out`.
  static func training(epochs: Int) -> [String] {
    [
      "train", "--voc", "data", "--model", "net.cfg", "--recipe", "darknet", "--epochs",
      "\(epochs)", "--save-every", "5",
    ]
  }

  private static let made = Result { try make() }

  private static func make() throws -> URL {
    let folder = fixtureFolder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: fixtureFolder) }
    let detector = Program(folder: folder)
    try Data(network.utf8).write(to: folder.appending(path: "net.cfg"))
    for arguments in [
      ["synthesize", "--out", "data", "--count", "20", "--size", "64"],
      training(epochs: 4) + ["--out", "run", "--json", "train.json"],
      ["convert", "--run", "run", "--out", "net.weights"],
    ] {
      let outcome = try detector.run(arguments)
      try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    }
    return folder
  }

  /// Four convolutions and a head of three anchors; 64x64 pixels, stride 8.
  static let network = """
    [net]
    batch=4
    width=64
    height=64
    channels=3
    learning_rate=.001
    burn_in=2
    max_batches=100
    policy=constant

    [convolutional]
    batch_normalize=1
    filters=16
    size=3
    stride=2
    pad=1
    activation=leaky

    [convolutional]
    batch_normalize=1
    filters=32
    size=3
    stride=2
    pad=1
    activation=leaky

    [convolutional]
    batch_normalize=1
    filters=32
    size=3
    stride=2
    pad=1
    activation=leaky

    [convolutional]
    filters=33
    size=1
    activation=linear

    [yolo]
    mask=0,1,2
    anchors=8,8, 16,16, 28,28
    classes=6
    num=3
    ignore_thresh=.5

    """
}

private let fixtureFolder = temporaryFolder()

/// A new path without symbolic links: messages name files in this form.
func temporaryFolder() -> URL {
  FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    .appending(path: "detector-cli-\(UUID().uuidString)")
}
