import Files
import Foundation

/// A folder for pictures made from images, each under its image's name: JPEG for JPEG, PNG for
/// the others.
package struct PictureFolder: Sendable {
  private let path: String

  /// A folder below which the pictures of some images go.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - sources: All images that will be drawn on.
  /// - Throws: `FileError` if a picture would replace one of the images.
  package init(_ path: String, sources: [ImageFile]) throws {
    self.path = path
    let originals = Set(sources.map { $0.url.resolvingSymlinksInPath().path })
    for source in sources {
      for picture in [ImageHeader.Format.jpeg, .png].map({ file(of: source, $0) })
      where originals.contains(picture.resolvingSymlinksInPath().path) {
        throw FileError(
          path: path, reason: "the picture of \(source.path) would replace it; give another folder")
      }
    }
  }

  /// Writes the picture made from an image.
  ///
  /// - Throws: ``ImageError`` if the image is gone, `FileError` if the system refuses.
  package func write(_ picture: Image, of source: ImageFile) throws {
    let format = try Image.readHeader(source.url).format
    let target = file(of: source, format)
    try Folder.make(target.deletingLastPathComponent().path)
    switch format {
    case .jpeg: try picture.writeJPEG(to: target)
    case .png, .bmp, .tiff, .webp: try picture.writePNG(to: target)
    }
  }

  /// The image's name, with an extension of the picture's format.
  private func file(of source: ImageFile, _ format: ImageHeader.Format) -> URL {
    let end = source.name.dropFirst(source.stem.count).lowercased()
    let fits = format == .jpeg ? [".jpg", ".jpeg", ".jpe", ".jfif"] : [".png"]
    let name = fits.contains(end) ? source.name : source.stem + fits[0]
    return URL(filePath: path).appending(path: name)
  }
}
