import Files
package import Foundation
package import Geometry

/// Where a picture comes from: a file of its own, or a record of a file that holds many.
package enum ImageSource: Hashable, Sendable, CustomStringConvertible {
  /// An image file.
  case file(URL)
  /// Raw bytes inside a binary file.
  case record(ImageRecord)

  /// The file that holds the picture, alone or among others.
  package var url: URL {
    switch self {
    case .file(let url): url
    case .record(let record): record.file
    }
  }

  /// The picture's own file; nil for a record among others.
  package var file: URL? {
    guard case .file(let url) = self else { return nil }
    return url
  }

  /// The file's path, of a record with its number: what error messages begin with.
  package var path: String {
    switch self {
    case .file(let url): url.path
    case .record(let record): "\(record.file.path)#\(record.number)"
    }
  }

  /// The same as ``path``.
  package var description: String { path }

  /// Decodes the picture.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package func read() throws -> Image { try readNoting().image }

  /// Decodes the picture, and says what is wrong with its file though all pixels are there.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package func readNoting() throws -> (image: Image, note: String?) {
    switch self {
    case .file(let url): try Image.decodeNoting(Image.readBytes(url), file: url.path)
    case .record(let record): (try record.read(source: path), nil)
    }
  }

  /// The picture's size, without decoding its pixels.
  ///
  /// - Throws: ``ImageError`` with the file and the cause.
  package func readSize() throws -> PixelSize {
    switch self {
    case .file(let url):
      let header = try Image.readHeader(url)
      return PixelSize(width: header.width, height: header.height)
    case .record(let record): return record.size
    }
  }
}

/// A picture as three planes of bytes, red, green and blue, somewhere in a binary file (CIFAR).
package struct ImageRecord: Hashable, Sendable {
  /// The file that holds the record.
  package let file: URL
  /// Which record of the file it is, from 0.
  package let number: Int
  /// Bytes in front of the red plane.
  package let offset: Int
  /// The picture's size; a plane has width · height bytes.
  package let size: PixelSize

  /// A record at a place.
  package init(file: URL, number: Int, offset: Int, size: PixelSize) {
    self.file = file
    self.number = number
    self.offset = offset
    self.size = size
  }

  fileprivate func read(source: String) throws -> Image {
    let count = size.width * size.height
    let bytes: [UInt8]
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      bytes = [UInt8](try handle.read(upToCount: 3 * count) ?? Foundation.Data())
    } catch {
      throw ImageError.unreadable(file: source, reason: FileProblem.reason(error))
    }
    guard bytes.count == 3 * count else {
      throw ImageError.corrupt(
        file: source, format: "record", reason: "\(bytes.count) of \(3 * count) bytes are there")
    }
    var image = Image(width: size.width, height: size.height)
    for pixel in 0..<count {
      image.pixels[3 * pixel] = bytes[pixel]
      image.pixels[3 * pixel + 1] = bytes[count + pixel]
      image.pixels[3 * pixel + 2] = bytes[2 * count + pixel]
    }
    return image
  }
}
