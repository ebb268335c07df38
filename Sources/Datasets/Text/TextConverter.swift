import Glibc

/// The C library's converter from a named encoding.
struct TextConverter: ~Copyable {
  /// The offset of a byte that the encoding does not have.
  struct WrongByte: Error, Equatable {
    let offset: Int
  }

  private let handle: iconv_t

  /// nil for an encoding that the C library does not know.
  init?(from name: String) {
    guard let handle = Self.open(name) else { return nil }
    self.handle = handle
  }

  private static func open(_ name: String) -> iconv_t? {
    // The name comes from a file; '/' would begin iconv's own options.
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName, !name.isEmpty, name.utf8.count < 40 else { return nil }
    // Who writes gb2312 or GBK may mean all of GB18030, which holds both.
    let chinese = ["gb2312", "gbk", "gb_2312-80", "cp936", "x-gbk", "windows-936"]
    let source = chinese.contains(name.lowercased()) ? "gb18030" : name
    let handle = iconv_open("UTF-8", source)
    // (iconv_t) -1
    return Int(bitPattern: handle) == -1 ? nil : handle
  }

  deinit { iconv_close(handle) }

  /// Converts a whole text.
  func convert(_ bytes: [UInt8]) -> Result<String, WrongByte> {
    var input = bytes.map { CChar(bitPattern: $0) }
    var result: [UInt8] = []
    var chunk = [CChar](repeating: 0, count: 4096)
    var left = input.count
    let isWhole = input.withUnsafeMutableBufferPointer { memory -> Bool in
      var next = memory.baseAddress
      while left > 0 {
        var room = chunk.count
        let (status, cause) = chunk.withUnsafeMutableBufferPointer { output -> (Int, Int32) in
          var end = output.baseAddress
          let status = iconv(handle, &next, &left, &end, &room)
          return (status, errno)
        }
        result += chunk.prefix(chunk.count - room).map { UInt8(bitPattern: $0) }
        if status == -1 && cause != E2BIG { return false }
      }
      return true
    }
    guard isWhole, let text = String(validating: result, as: UTF8.self) else {
      return .failure(WrongByte(offset: bytes.count - left))
    }
    return .success(text)
  }
}
