import Images
import TestSupport
import Testing

@Suite struct MirroredTests {
  @Test(arguments: [(1, 1), (1, 4), (2, 3), (5, 3), (8, 2)])
  func columnsChangeSides(_ size: (width: Int, height: Int)) {
    let image = noise(size.width, size.height, seed: 3)
    let mirrored = image.mirrored
    #expect(mirrored.width == size.width && mirrored.height == size.height)
    for y in 0..<size.height {
      for x in 0..<size.width { #expect(mirrored[x, y] == image[size.width - 1 - x, y]) }
    }
    #expect(mirrored.mirrored == image)
  }
}
