package import Compute
package import Foundation
package import Images
import Testing

/// A small file committed beside the tests.
package func fixture(_ name: String) -> URL {
  packageRoot.appending(path: "Tests/Golden/pictures/\(name)")
}

/// The case of this name in images.json.
package func imageCase(_ name: String) throws -> GoldenCase {
  try #require(try goldenCases("images").first { $0.name == name })
}

/// A picture whose pixels all differ, from a seed.
package func noise(_ width: Int, _ height: Int, seed: UInt64 = 1) -> Image {
  var random = RandomStream(seed: seed)
  let pixels = (0..<3 * width * height).map { _ in UInt8(random.integer(in: 0...255)) }
  return Image(width: width, height: height, pixels: pixels)
}

/// A picture of slow colour changes, which JPEG keeps nearly unchanged.
package func gradient(_ width: Int, _ height: Int) -> Image {
  var image = Image(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      image[x, y] = (
        UInt8(40 + 150 * x / width), UInt8(40 + 150 * y / height), UInt8(60 + 70 * x / width)
      )
    }
  }
  return image
}

/// The values of a tensor.
package func values(_ tensor: Tensor) -> [Float] { tensor.withHostValues { Array($0) } }

/// The error's text, nil if none is thrown.
package func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// The text of an annotation; each object is a class name and four VOC corners.
package func annotation(
  _ filename: String, _ objects: [(String, [Int])] = [("dog", [2, 3, 10, 12])],
  size: (Int, Int)? = (20, 16), difficult: Set<Int> = []
) -> String {
  var text = "<annotation>\n<filename>\(filename)</filename>\n"
  if let size {
    text += "<size><width>\(size.0)</width><height>\(size.1)</height><depth>3</depth></size>\n"
  }
  for (i, (name, c)) in objects.enumerated() {
    text += """
      <object>
      <name>\(name)</name><difficult>\(difficult.contains(i) ? 1 : 0)</difficult>
      <bndbox><xmin>\(c[0])</xmin><ymin>\(c[1])</ymin><xmax>\(c[2])</xmax><ymax>\(c[3])</ymax></bndbox>
      </object>

      """
  }
  return text + "</annotation>\n"
}

extension URL {
  /// Writes a file below this folder, with its folders.
  package func write(_ path: String, _ text: String) throws {
    let file = appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
  }

  /// Writes a small picture below this folder, with its folders.
  package func writePicture(_ path: String, seed: UInt64 = 1, width: Int = 20, height: Int = 16)
    throws
  {
    let file = appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let image = noise(width, height, seed: seed)
    if path.hasSuffix("png") { try image.writePNG(to: file) } else { try image.writeJPEG(to: file) }
  }

  /// Makes a VOC folder of pictures 1.jpg, 2.jpg … with one dog each.
  package func writeVOC(
    _ count: Int, annotations: String = "Annotations", images: String = "JPEGImages",
    first: Int = 1
  ) throws {
    for i in first..<first + count {
      try write("\(annotations)/\(i).xml", annotation("\(i).jpg"))
      try writePicture("\(images)/\(i).jpg", seed: UInt64(i))
    }
  }
}
