import Foundation
import Images
import TestSupport
import Testing

/// Networks of keypoints and of centres that were trained on a few drawn pictures.
enum KeypointFixture {
  /// Maps of 16 x 16 pixels of an input of 32 x 32.
  static func network(_ heatmap: String = "") -> String {
    """
    [net]
    batch=8
    width=32
    height=32
    channels=3
    optimizer=adam
    learning_rate=.02
    max_batches=100
    policy=constant

    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    stride=2
    pad=1
    activation=leaky

    [convolutional]
    filters=3
    activation=linear

    [heatmap]
    loss=bce
    sigma=1
    \(heatmap)

    """
  }

  static let colours: [(UInt8, UInt8, UInt8)] = [(255, 40, 40), (40, 255, 40), (40, 40, 255)]

  /// A dark picture with a square of five pixels of a colour at each place.
  static func picture(
    width: Int, height: Int, dots: [(colour: Int, x: Int, y: Int)], seed: UInt64
  ) -> Image {
    var image = noise(width, height, seed: seed)
    image.pixels = image.pixels.map { $0 / 8 }
    for dot in dots {
      for y in max(0, dot.y - 2)...min(height - 1, dot.y + 2) {
        for x in max(0, dot.x - 2)...min(width - 1, dot.x + 2) { image[x, y] = colours[dot.colour] }
      }
    }
    return image
  }

  private static func numbers(_ count: Int, seed: UInt64) -> [Int] {
    randomValues(count, in: 0...1, seed: seed).map { Int($0 * 20) }
  }

  /// Eight pictures to learn from and eight to judge by, each of two persons side by side, or of six dots.
  ///
  /// Persons have a left eye, a right eye and a nose tip; every fourth one lacks its nose tip, and every
  /// fourth one's left eye is hidden.
  static func write(to folder: URL) throws {
    var persons: [String] = []
    var centers: [String] = []
    for number in 0..<16 {
      let places = numbers(12, seed: UInt64(number))
      let dots = (0..<6).map { index in
        let left = 6 + 32 * (index / 3)
        return (colour: index % 3, x: left + places[2 * index], y: 6 + places[2 * index + 1])
      }
      try folder.write("images/\(number).png", "")
      try picture(width: 64, height: 32, dots: dots, seed: UInt64(number)).writePNG(
        to: folder.appending(path: "images/\(number).png"))
      let split = number < 8 ? "train" : "val"
      let lists = (0..<2).map { self.person($0, of: number, Array(dots[3 * $0..<3 * $0 + 3])) }
      let head =
        "{\"file\": \"images/\(number).png\", \"width\": 64, \"height\": 32, \"split\": \"\(split)\", "
      persons.append(head + "\"persons\": [\(lists.joined(separator: ", "))]}")
      let objects = dots.map { dot -> String in
        let (x, y) = (Double(dot.x) + 0.5, Double(dot.y) + 0.5)
        return "{\"kind\": \(dot.colour), \"x\": \(x), \"y\": \(y)}"
      }
      centers.append(head + "\"centers\": [\(objects.joined(separator: ", "))]}")
    }
    let names = "\"names\": [\"left eye\", \"right eye\", \"nose tip\"]"
    try folder.write(
      "persons.json",
      "{\"format\": \"keypoints 1\", \(names), \"flip\": [[0, 1]], \"skeleton\": [[0, 1], [1, 2]], "
        + "\"images\": [\n\(persons.joined(separator: ",\n"))\n]}\n")
    try folder.write(
      "dots.json",
      "{\"format\": \"keypoints 1\", \"names\": [\"red\", \"green\", \"blue\"], "
        + "\"images\": [\n\(centers.joined(separator: ",\n"))\n]}\n")
    // What keeps sides apart is colour, which a mirrored picture does not change.
    try folder.write("net.cfg", network().replacing("channels=3\n", with: "channels=3\nflip=0\n"))
    try folder.write("dots.cfg", network("kind=centers").replacing("width=32", with: "width=64"))
  }

  private static func person(
    _ person: Int, of picture: Int, _ dots: [(colour: Int, x: Int, y: Int)]
  ) -> String {
    let points = dots.enumerated().map { joint, dot -> String in
      var flag = 2
      if picture % 4 == 3, joint == 2 { flag = 0 }
      if picture % 4 == 2, joint == 0 { flag = 1 }
      return "[\(Double(dot.x) + 0.5), \(Double(dot.y) + 0.5), \(flag)]"
    }
    let left = 32 * person
    return "{\"keypoints\": [\(points.joined(separator: ", "))], "
      + "\"region\": [\(left), 0, 32, 32], \"box\": [\(left + 2), 2, 28, 28]}"
  }

  static func training(_ data: String, _ model: String, epochs: Int) -> [String] {
    [
      "train", "--data", data, "--model", model, "--epochs", "\(epochs)", "--learning-rate", "0.02",
      "--seed", "1", "--threads", "1",
    ]
  }

  /// Calls `body` with a program whose folder holds the data, the networks, and `run`, of persons.
  static func use(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let folder = folder.resolvingSymlinksInPath()
      try write(to: folder)
      let program = Program(folder: folder)
      let trained = try program.run(
        training("persons.json", "net.cfg", epochs: 20) + ["--out", "run", "--branch", "convBayes"])
      try #require(trained.status == 0, "\(trained.errors)")
      try body(program)
    }
  }
}
