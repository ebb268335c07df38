import Foundation

/// Replaces files so that a reader, a crash or a full disk meets the old file or the new one.
///
/// The new content goes to a hidden file in the same folder, is flushed to the disk and takes the
/// old name in one step. Whatever fails, the old file stays and the hidden one is removed; only a
/// killed process leaves it behind, and the next write of the same file takes it over.
///
/// Symbolic links are followed and stay; a file that is replaced keeps its permissions. What is no
/// regular file (a FIFO, a device such as `/dev/null`, an open descriptor as `/dev/fd/3`, and `-`,
/// which is standard output) is never replaced: bytes go into it as they come.
package enum AtomicFile {
  /// Writes a file in parts.
  ///
  /// - Parameters:
  ///   - path: The file to make or replace; `-`: standard output.
  ///   - flushes: Whether to wait for the disk, so that a power cut loses nothing.
  ///   - body: Writes the content in order; what it throws is passed on and nothing is replaced.
  /// - Throws: ``FileError`` if the system refuses.
  package static func write(
    to path: String, flushes: Bool = true, _ body: (Sink) throws -> Void
  ) throws {
    switch try FileDestination(path) {
    case .file(let file, let existing):
      try replace(file, existing, named: path, flushes: flushes, body)
    case .stream(let descriptor, let place):
      let stream = try FileDestination.open(descriptor, place, named: path)
      defer { close(stream) }
      try body(Sink(descriptor: stream, path: path))
    }
  }

  private static func replace(
    _ file: String, _ existing: FileDestination.Existing?, named path: String, flushes: Bool,
    _ body: (Sink) throws -> Void
  ) throws {
    let partial = partialPath(for: file)
    let descriptor = try openPartial(partial, named: path)
    do {
      defer { close(descriptor) }
      try body(Sink(descriptor: descriptor, path: path))
      existing?.apply(to: descriptor)
      guard !flushes || fsync(descriptor) == 0 else { throw Sink.error(path, "cannot be written") }
    } catch {
      unlink(partial)
      throw error
    }
    guard rename(partial, file) == 0 else {
      let error = Sink.error(path, "cannot be replaced")
      unlink(partial)
      throw error
    }
    if flushes { try flush(folder: split(file).folder, path: path) }
  }

  // A file that a killed process left is removed first: it may be a link, or another user's.
  private static func openPartial(_ partial: String, named path: String) throws -> Int32 {
    unlink(partial)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Sink.error(path, "cannot be written") }
    return descriptor
  }

  /// Replaces a file by a text in UTF-8.
  ///
  /// - Throws: ``FileError`` if the system refuses.
  package static func write(_ text: String, to path: String) throws {
    try write(to: path) { try $0.write(Array(text.utf8)) }
  }

  /// Replaces a file by bytes.
  ///
  /// - Throws: ``FileError`` if the system refuses.
  package static func write(_ bytes: [UInt8], to path: String, flushes: Bool = true) throws {
    try write(to: path, flushes: flushes) { try $0.write(bytes) }
  }

  /// Makes sure that a file can be written, before the work whose result it shall hold.
  ///
  /// - Throws: ``FileError`` if the system would refuse; nothing is changed in any case.
  package static func check(_ path: String) throws {
    switch try FileDestination(path) {
    case .file(let file, _):
      let partial = partialPath(for: file)
      close(try openPartial(partial, named: path))
      unlink(partial)
    case .stream(let descriptor, let place):
      try FileDestination.check(descriptor, place, named: path)
    }
  }

  /// Whether what is written to a path goes to standard output, which people then must not be told
  /// anything on.
  package static func isStandardOutput(_ path: String) -> Bool {
    guard case .stream(STDOUT_FILENO?, _)? = try? FileDestination(path) else { return false }
    return true
  }

  /// Whether a path is something that takes bytes and cannot be replaced.
  package static func isStream(_ path: String) -> Bool {
    guard case .stream? = try? FileDestination(path) else { return false }
    return true
  }

  /// Where the new content lies until it is complete.
  static func partialPath(for path: String) -> String {
    let (folder, name) = split(path)
    return "\(folder)/.\(name).partial"
  }

  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  // Without this the rename itself may be lost with the power.
  private static func flush(folder: String, path: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // Some file systems do not offer it for folders (EINVAL); then there is nothing to wait for.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw Sink.error(path, "may not survive a power failure")
    }
  }
}

extension AtomicFile {
  /// Takes the content of a file that is being written.
  package struct Sink {
    let descriptor: Int32
    let path: String

    /// Appends bytes.
    ///
    /// - Throws: ``FileError``, for example if the disk is full.
    package func write(_ bytes: [UInt8]) throws {
      try bytes.withUnsafeBytes { try write($0) }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``FileError``, for example if the disk is full.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
      try writeAll(bytes, to: descriptor, path: path)
    }

    /// The failure of the system call that was made last.
    package static func error(_ path: String, _ what: String) -> FileError {
      FileError(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
  }
}

/// Writes all bytes, however many calls the system needs.
///
/// - Throws: ``FileError``, for example if the disk is full.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
  var rest = bytes
  while !rest.isEmpty {
    let written = write(descriptor, rest.baseAddress, rest.count)
    if written > 0 {
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
    } else if errno != EINTR {
      throw AtomicFile.Sink.error(path, "cannot be written")
    }
  }
}
