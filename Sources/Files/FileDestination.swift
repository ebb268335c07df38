import Foundation

/// What lies where something shall be written.
enum FileDestination {
  /// A file to make or to replace, behind all links.
  case file(String, existing: Existing?)
  /// Something that takes bytes and cannot be replaced: an open descriptor of this process, or
  /// what has to be opened at a path.
  case stream(descriptor: Int32?, path: String)

  /// What a file keeps when it is replaced.
  struct Existing: Equatable {
    let permissions: mode_t
    let owner: uid_t
    let group: gid_t

    /// Gives the same to the file that replaces it, as far as the system lets this user.
    func apply(to descriptor: Int32) {
      let saved = errno
      _ = fchown(descriptor, owner, group)
      fchmod(descriptor, permissions)
      errno = saved
    }
  }

  /// As many links as Linux follows.
  private static let mostLinks = 40

  /// Looks at a path; nothing is opened.
  ///
  /// - Throws: ``FileError`` for folders, block devices, links in a circle, and files that this
  ///   user may not write.
  init(_ path: String) throws {
    if path == "-" {
      self = .stream(descriptor: STDOUT_FILENO, path: path)
      return
    }
    var place = path
    for _ in 0...Self.mostLinks {
      if let descriptor = Self.descriptor(at: place) {
        self = descriptor
        return
      }
      guard let target = Self.target(of: place) else {
        self = try Self.destination(place, named: path)
        return
      }
      place = target.hasPrefix("/") ? target : AtomicFile.split(place).folder + "/" + target
    }
    errno = ELOOP
    throw AtomicFile.Sink.error(path, "cannot be written")
  }

  private static func destination(_ place: String, named path: String) throws -> FileDestination {
    func refused(_ reason: String) -> FileError {
      FileError(path: path, reason: "cannot be written: " + reason)
    }
    if path.isEmpty { throw FileError(path: "''", reason: "cannot be written: no name of a file") }
    var status = stat()
    guard stat(place, &status) == 0 else {
      guard errno == ENOENT else { throw AtomicFile.Sink.error(path, "cannot be written") }
      if place.hasSuffix("/") { throw refused("names a folder, not a file") }
      return .file(place, existing: nil)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw refused("is a folder")
    case S_IFBLK: throw refused("is a disk (a block device)")
    case S_IFSOCK: throw refused("is a socket")
    case S_IFREG:
      // Renaming would get around what the file's owner has forbidden.
      guard access(place, W_OK) == 0 else {
        throw AtomicFile.Sink.error(path, "cannot be written")
      }
      return .file(
        place,
        existing: Existing(
          permissions: status.st_mode & 0o777, owner: status.st_uid, group: status.st_gid))
    default: return .stream(descriptor: nil, path: place)
    }
  }

  /// Where a symbolic link points to, nil for anything else.
  private static func target(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The open descriptor that a path such as `/dev/fd/3` stands for, nil for other paths.
  ///
  /// What its link says is no path to replace: it may be a pipe, or a file that a shell has
  /// redirected more than this output to.
  private static func descriptor(at path: String) -> FileDestination? {
    let (folder, name) = AtomicFile.split(path)
    guard let number = Int32(name), let folder = real(folder), folder.hasPrefix("/proc/"),
      folder.hasSuffix("/fd")
    else { return nil }
    return .stream(descriptor: folder == real("/proc/self/fd") ? number : nil, path: path)
  }

  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// A descriptor to write a stream with, to be closed afterwards.
  ///
  /// - Throws: ``FileError`` if the system refuses.
  static func open(_ descriptor: Int32?, _ place: String, named path: String) throws -> Int32 {
    try check(descriptor, place, named: path)
    // What was printed before stands before.
    fflush(nil)
    let stream =
      descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
      ?? Foundation.open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    guard stream >= 0 else { throw AtomicFile.Sink.error(path, "cannot be written") }
    return stream
  }

  /// Whether a stream may be written.
  ///
  /// A FIFO is not opened for it: its reader would meet the end.
  ///
  /// - Throws: ``FileError`` if the system would refuse.
  static func check(_ descriptor: Int32?, _ place: String, named path: String) throws {
    guard let descriptor else {
      guard access(place, W_OK) == 0 else {
        throw AtomicFile.Sink.error(path, "cannot be written")
      }
      return
    }
    let flags = fcntl(descriptor, F_GETFL)
    if flags >= 0, flags & O_ACCMODE == O_RDONLY { errno = EBADF }
    guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
      throw AtomicFile.Sink.error(path, "cannot be written")
    }
  }
}
