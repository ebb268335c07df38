import Compute
import Data
import Foundation
import TestSupport
import Testing

/// A small file committed beside the tests.
func fixture(_ name: String) -> URL {
  packageRoot.appending(path: "Tests/Golden/pictures/\(name)")
}

/// The case of this name in images.json.
func imageCase(_ name: String) throws -> GoldenCase {
  try #require(try goldenCases("images").first { $0.name == name })
}

/// A picture whose pixels all differ, from a seed.
func noise(_ width: Int, _ height: Int, seed: UInt64 = 1) -> Image {
  var random = RandomStream(seed: seed)
  let pixels = (0..<3 * width * height).map { _ in UInt8(random.integer(in: 0...255)) }
  return Image(width: width, height: height, pixels: pixels)
}

/// A picture of slow colour changes, which JPEG keeps nearly unchanged.
func gradient(_ width: Int, _ height: Int) -> Image {
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
func values(_ tensor: Tensor) -> [Float] { tensor.withValues { Array($0) } }

/// The error's text, nil if none is thrown.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
