import Files
import Foundation

/// A film, a camera or a stream, as the program ffmpeg reads it.
package struct VideoSource: Hashable, Sendable {
  /// The file, the device or the address.
  package let place: String

  /// A source; nil for what is none by its name: a file with another extension, a folder.
  package init?(_ place: String) {
    let name = place.lowercased()
    let isStream = ["rtsp://", "rtsps://", "rtmp://", "udp://"].contains { name.hasPrefix($0) }
    let isFile = Self.extensions.contains(URL(filePath: name).pathExtension)
    guard isStream || isFile || name.hasPrefix("/dev/video") else { return nil }
    self.place = place
  }

  private static let extensions: Set<String> = [
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "ts", "wmv", "flv", "mjpeg", "gif",
  ]

  /// Whether it ends by itself: a film, not a camera.
  package var isFile: Bool { !place.contains("://") && !place.hasPrefix("/dev/") }

  /// What it is called in the names of files that are made of it.
  package var stem: String {
    let last = place.split(separator: "/").last.map(String.init) ?? "video"
    return isFile ? URL(filePath: last).deletingPathExtension().lastPathComponent : last
  }

  /// What a source says of itself before its pictures are read.
  package struct Description: Equatable, Sendable {
    /// Pixels in a row of a picture, as it is meant to be seen.
    package var width: Int
    /// Rows of a picture.
    package var height: Int
    /// Pictures a second.
    package var rate: Double
    /// Pictures in all; nil: not known.
    package var count: Int?
  }

  /// Asks ffprobe.
  ///
  /// - Throws: `FileError` where ffmpeg is missing, or for a source that it cannot read.
  package func description() throws -> Description {
    if isFile, !FileManager.default.fileExists(atPath: place) {
      throw FileError(path: place, reason: FileProblem.describe(ENOENT))
    }
    let probe = try VideoProgram("ffprobe")
    let output = try probe.output(
      of: [
        "-v", "error", "-select_streams", "v:0", "-show_entries",
        "stream=width,height,avg_frame_rate,r_frame_rate,nb_frames:stream_side_data=rotation"
          + ":stream_tags=rotate:format=duration", "-of", "json", place,
      ], place: place)
    return try Self.description(of: output, place: place)
  }

  private struct Answer: Decodable {
    struct Stream: Decodable {
      struct SideData: Decodable { let rotation: Double? }
      struct Tags: Decodable { let rotate: String? }
      let width: Int?
      let height: Int?
      let avg_frame_rate: String?
      let r_frame_rate: String?
      let nb_frames: String?
      let side_data_list: [SideData]?
      let tags: Tags?
    }
    struct Format: Decodable { let duration: String? }
    let streams: [Stream]
    let format: Format?
  }

  /// What ffprobe's answer says.
  static func description(of json: Data, place: String) throws -> Description {
    let answer: Answer = try JSONProblem.decoding(json, file: place)
    guard let stream = answer.streams.first, var width = stream.width, var height = stream.height,
      width > 0, height > 0
    else { throw FileError(path: place, reason: "has no pictures that ffmpeg can read") }
    // ffmpeg turns pictures as they are meant to be seen.
    let turn =
      stream.side_data_list?.compactMap(\.rotation).first
      ?? stream.tags?.rotate.flatMap(Double.init) ?? 0
    if Int(turn.rounded()) % 180 != 0 { (width, height) = (height, width) }
    let rate = [stream.avg_frame_rate, stream.r_frame_rate].compactMap { $0.flatMap(Self.rate) }
      .first
    guard let rate else {
      throw FileError(path: place, reason: "does not say how many pictures a second it has")
    }
    let duration = answer.format?.duration.flatMap(Double.init)
    let count =
      stream.nb_frames.flatMap { Int($0) } ?? duration.map { Int(($0 * rate).rounded()) }
    return Description(width: width, height: height, rate: rate, count: count)
  }

  /// `30000/1001`; nil for 0/0, which stands for not known.
  private static func rate(_ text: String) -> Double? {
    let parts = text.split(separator: "/").compactMap { Double($0) }
    guard let first = parts.first, first > 0 else { return nil }
    if parts.count == 1 { return first }
    return parts.count == 2 && parts[1] > 0 ? first / parts[1] : nil
  }
}
