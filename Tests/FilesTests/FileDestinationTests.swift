import Files
import Foundation
import TestSupport
import Testing

/// Places that are no plain files: nothing there is replaced.
@Suite struct FileDestinationTests {
  private static func kind(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private static func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func devicesStay() throws {
    for device in ["/dev/null", "/dev/full", "/dev/zero"] {
      try AtomicFile.check(device)
      #expect(Self.kind(device) == S_IFCHR)
    }
    try AtomicFile.write("text", to: "/dev/null")
    #expect(
      throws: FileError(path: "/dev/full", reason: "cannot be written: No space left on device")
    ) { try AtomicFile.write("text", to: "/dev/full") }
    #expect(Self.kind("/dev/null") == S_IFCHR && Self.kind("/dev/full") == S_IFCHR)
  }

  @Test func aFIFOIsWrittenInto() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "fifo").path
      #expect(mkfifo(path, 0o600) == 0)
      // Open for both ends, so that neither call waits for the other.
      let reader = open(path, O_RDWR | O_NONBLOCK)
      defer { close(reader) }
      try AtomicFile.check(path)
      try AtomicFile.write("through", to: path)
      var bytes = [UInt8](repeating: 0, count: 20)
      let count = read(reader, &bytes, bytes.count)
      #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "through")
      #expect(Self.kind(path) == S_IFIFO)
      #expect(AtomicFileTests.names(folder.path) == ["fifo"])
    }
  }

  @Test func linksAreFollowedAndStay() throws {
    try withTemporaryFolder { folder in
      let inner = folder.path + "/inner"
      try Folder.make(inner)
      try AtomicFile.write("old", to: inner + "/target")
      // Relative to the link's own folder, over two links.
      symlink("inner/target", folder.path + "/second")
      symlink("second", folder.path + "/first")
      symlink("inner/new", folder.path + "/dangling")
      for (link, target) in [("first", "target"), ("dangling", "new")] {
        let link = folder.path + "/" + link
        try AtomicFile.check(link)
        try AtomicFile.write("through \(target)", to: link)
        #expect(Self.kind(link) == S_IFLNK)
        #expect(Self.kind(inner + "/" + target) == S_IFREG)
        #expect(AtomicFileTests.content(inner + "/" + target) == "through \(target)")
      }
      #expect(AtomicFileTests.names(inner) == ["new", "target"])
      #expect(AtomicFileTests.names(folder.path) == ["dangling", "first", "inner", "second"])
    }
  }

  @Test func linksToDevicesStayToo() throws {
    try withTemporaryFolder { folder in
      let link = folder.path + "/link"
      symlink("/dev/full", link)
      try AtomicFile.check(link)
      #expect(
        throws: FileError(path: link, reason: "cannot be written: No space left on device")
      ) { try AtomicFile.write("text", to: link) }
      #expect(Self.kind(link) == S_IFLNK && Self.kind("/dev/full") == S_IFCHR)
    }
  }

  @Test func refusesWhatCannotBeAFile() throws {
    try withTemporaryFolder { folder in
      let here = folder.path
      symlink("b", here + "/a")
      symlink("a", here + "/b")
      symlink("gone/file", here + "/lost")
      symlink(".", here + "/self")
      let reasons = [
        here + "/a": "Too many levels of symbolic links",
        here + "/lost": "No such file or directory",
        here + "/self": "is a folder",
        here: "is a folder",
        here + "/": "is a folder",
        here + "/new/": "names a folder, not a file",
        "/dev/fd/999": "Bad file descriptor",
      ]
      for (path, reason) in reasons {
        let error = FileError(path: path, reason: "cannot be written: " + reason)
        #expect(throws: error) { try AtomicFile.check(path) }
        #expect(throws: error) { try AtomicFile.write("text", to: path) }
      }
      #expect(throws: FileError.self) { try AtomicFile.write("text", to: "") }
      #expect(AtomicFileTests.names(here) == ["a", "b", "lost", "self"])
    }
  }

  @Test(arguments: [0o600, 0o664, 0o777, 0o640] as [mode_t])
  func permissionsAreKept(_ mode: mode_t) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/a.json"
      try AtomicFile.write("old", to: path)
      chmod(path, mode)
      try AtomicFile.check(path)
      try AtomicFile.write("new", to: path)
      #expect(Self.mode(path) == mode && AtomicFileTests.content(path) == "new")
    }
  }

  /// A descriptor that is open on a file is written where it stands: the shell's redirection and
  /// what was written before stay.
  @Test func descriptorsAreWrittenInto() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/redirected"
      let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
      defer { close(descriptor) }
      #expect(write(descriptor, "before ", 7) == 7)
      symlink("/proc/self/fd/\(descriptor)", folder.path + "/link")
      for (name, text) in [
        ("/dev/fd/\(descriptor)", "one "), ("/proc/self/fd/\(descriptor)", "two "),
        (folder.path + "/link", "three"),
      ] {
        try AtomicFile.check(name)
        try AtomicFile.write(text, to: name)
      }
      #expect(AtomicFileTests.content(path) == "before one two three")
      let onlyRead = open(path, O_RDONLY)
      defer { close(onlyRead) }
      #expect(throws: FileError.self) { try AtomicFile.check("/dev/fd/\(onlyRead)") }
    }
  }

  @Test func standardOutputHasNames() {
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
      #expect(AtomicFile.isStandardOutput(name))
    }
    for name in ["./-", "/dev/stderr", "/dev/null", "a.json"] {
      #expect(!AtomicFile.isStandardOutput(name))
    }
  }

  /// What a killed process left may be a link to somewhere else: nothing is written through it.
  @Test func leftoversAreNotWrittenThrough() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/a.txt"
      try AtomicFile.write("precious", to: folder.path + "/other")
      symlink("other", folder.path + "/.a.txt.partial")
      try AtomicFile.write("new", to: path)
      #expect(AtomicFileTests.content(folder.path + "/other") == "precious")
      #expect(AtomicFileTests.names(folder.path) == ["a.txt", "other"])
    }
  }
}
