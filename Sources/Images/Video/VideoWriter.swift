import Files
import Foundation

/// A film that is written picture by picture, encoded by ffmpeg in a process of its own.
package final class VideoWriter {
  private let path: String
  private let process: Process
  private let pipe = Pipe()
  private let complaints: VideoProgram.Complaints
  private let width: Int
  private let height: Int

  /// Starts to encode; a file that is there is replaced.
  ///
  /// - Parameters:
  ///   - path: The file; its extension chooses the format.
  ///   - width: Pixels in a row of every picture.
  ///   - height: Rows of every picture.
  ///   - rate: Pictures a second.
  /// - Throws: `FileError` where ffmpeg is missing.
  package init(to path: String, width: Int, height: Int, rate: Double) throws {
    self.path = path
    self.width = width
    self.height = height
    complaints = try VideoProgram.Complaints()
    process = try VideoProgram("ffmpeg").start(
      [
        "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
        "\(width)x\(height)", "-r", "\(rate)", "-i", "-",
        // Players want even sides and halved colours.
        "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", path,
      ], input: pipe, complaints: complaints.handle)
  }

  /// Adds a picture.
  ///
  /// - Throws: `FileError` if ffmpeg gives up, for example on a full disk.
  package func add(_ image: Image) throws {
    precondition(image.width == width && image.height == height, "a picture of another size")
    do {
      try pipe.fileHandleForWriting.write(contentsOf: Data(image.pixels))
    } catch {
      process.waitUntilExit()
      throw complaints.error(path)
    }
  }

  /// Waits until the file is whole.
  ///
  /// - Throws: `FileError` if ffmpeg says that it is not.
  package func finish() throws {
    try? pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw complaints.error(path) }
  }
}
