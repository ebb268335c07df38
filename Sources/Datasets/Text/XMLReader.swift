import CExpat

/// Told of the elements of an XML text.
protocol XMLReaderDelegate: AnyObject {
  /// An element begins at a line, from 1.
  func begin(_ name: String, line: Int)
  /// Some or all of the text in an element.
  func add(_ text: String)
  /// The innermost element ends.
  func end(line: Int)
}

/// Reads XML with expat; attributes, comments and processing instructions are passed over.
enum XMLReader {
  /// Where the text stops being XML.
  struct Failure: Error, Equatable {
    /// From 1.
    let line: Int
    /// expat's words.
    let reason: String
  }

  /// Walks through a text.
  ///
  /// The declaration's encoding has done its duty when there is a text, and is not looked at.
  ///
  /// - Throws: ``Failure`` after what came before it was delivered.
  static func read(_ text: String, _ delegate: any XMLReaderDelegate) throws(Failure) {
    guard let parser = XML_ParserCreate("UTF-8") else {
      throw Failure(line: 1, reason: "out of memory")
    }
    defer { XML_ParserFree(parser) }
    let context = XMLContext(parser, delegate)
    XML_SetUserData(parser, Unmanaged.passUnretained(context).toOpaque())
    XML_SetElementHandler(
      parser,
      { user, name, _ in
        guard let context = XMLContext.of(user), let name else { return }
        context.delegate.begin(String(cString: name), line: context.line)
      },
      { user, _ in
        guard let context = XMLContext.of(user) else { return }
        context.delegate.end(line: context.line)
      })
    XML_SetCharacterDataHandler(parser) { user, letters, count in
      guard let context = XMLContext.of(user), let letters else { return }
      let bytes = UnsafeRawBufferPointer(start: letters, count: Int(count))
      context.delegate.add(String(decoding: bytes, as: UTF8.self))
    }
    let bytes = Array(text.utf8)
    guard let count = Int32(exactly: bytes.count) else {
      throw Failure(line: 1, reason: "more than 2 GiB")
    }
    let status = withExtendedLifetime(context) {
      bytes.withUnsafeBytes {
        XML_Parse(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), count, 1)
      }
    }
    if status == XML_STATUS_OK { return }
    let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
    throw Failure(line: context.line, reason: reason ?? "not XML")
  }
}

/// What expat carries to its handlers.
private final class XMLContext {
  let delegate: any XMLReaderDelegate
  private let parser: XML_Parser

  init(_ parser: XML_Parser, _ delegate: any XMLReaderDelegate) {
    self.parser = parser
    self.delegate = delegate
  }

  var line: Int { Int(XML_GetCurrentLineNumber(parser)) }

  static func of(_ user: UnsafeMutableRawPointer?) -> XMLContext? {
    user.map { Unmanaged<XMLContext>.fromOpaque($0).takeUnretainedValue() }
  }
}
