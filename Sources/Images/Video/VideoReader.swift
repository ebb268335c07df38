import Files
import Foundation

/// The pictures of a film or a camera, one after the other, decoded by ffmpeg in a process of its own.
package final class VideoReader {
  /// What the source said of itself.
  package let description: VideoSource.Description
  private let source: VideoSource
  private let process: Process
  private let pipe = Pipe()
  private let complaints: VideoProgram.Complaints

  /// Starts to decode.
  ///
  /// - Throws: `FileError` where ffmpeg is missing, or for a source that it cannot read.
  package init(_ source: VideoSource) throws {
    self.source = source
    description = try source.description()
    complaints = try VideoProgram.Complaints()
    var arguments = ["-nostdin", "-loglevel", "error"]
    if source.place.lowercased().hasPrefix("rtsp") { arguments += ["-rtsp_transport", "tcp"] }
    arguments += [
      "-i", source.place, "-map", "0:v:0", "-f", "rawvideo", "-pix_fmt", "rgb24",
      // Every picture that is there once, whatever their times are.
      "-vsync", "passthrough", "-s", "\(description.width)x\(description.height)", "-",
    ]
    process = try VideoProgram("ffmpeg").start(
      arguments, output: pipe, complaints: complaints.handle)
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The next picture; nil at the end.
  ///
  /// - Throws: `FileError` if ffmpeg gives up before the end.
  package func next() throws -> Image? {
    let count = 3 * description.width * description.height
    var bytes = Data(capacity: count)
    while bytes.count < count {
      guard let part = try pipe.fileHandleForReading.read(upToCount: count - bytes.count),
        !part.isEmpty
      else { break }
      bytes.append(part)
    }
    if bytes.count == count {
      return Image(
        width: description.width, height: description.height, pixels: [UInt8](bytes))
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0, bytes.isEmpty else {
      throw complaints.error(source.place)
    }
    return nil
  }
}
