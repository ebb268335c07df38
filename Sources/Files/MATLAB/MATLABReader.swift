/// Reads elements of a MATLAB file one after the other: a type, a length in bytes, and the content, which
/// is padded to whole 8 bytes; or both and up to 4 bytes of content in 8 bytes together.
struct MATLABReader {
  /// The order of bytes in numbers.
  enum Order {
    case little, big
  }

  /// An element's type and where its content lies.
  private struct Element {
    let type: ElementType?
    let content: Range<Int>
  }

  /// Types by their numbers in the file.
  private enum ElementType: Int {
    case int8 = 1
    case uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12
    case uint64, matrix, compressed, utf8, utf16, utf32

    /// Bytes of one of them; nil for those that are no numbers.
    var size: Int? {
      switch self {
      case .int8, .uint8, .utf8: 1
      case .int16, .uint16, .utf16: 2
      case .int32, .uint32, .single, .utf32: 4
      case .double, .int64, .uint64: 8
      case .matrix, .compressed: nil
      }
    }
  }

  private let bytes: [UInt8]
  private var place: Int
  private let end: Int
  private let order: Order
  private let depth: Int
  /// Arrays are nested no deeper in any real file, and a reader's stack has an end.
  private static let deepest = 64
  /// 2 GiB of numbers, more than any data set of keypoints has.
  private static let mostElements = 1 << 28

  init(
    bytes: [UInt8], place: Int, end: Int? = nil, order: Order, depth: Int = 0
  ) {
    self.bytes = bytes
    self.place = place
    self.end = end ?? bytes.count
    self.order = order
    self.depth = depth
  }

  /// The next variable; nil at the end of the file.
  mutating func variable() throws(MATLABFault) -> (name: String, array: MATLABArray)? {
    // What is not an array may stand between variables.
    while place < end {
      let start = place
      do {
        let element = try element()
        switch element.type {
        case .compressed:
          let inner = try Inflation.element(bytes[element.content], order: order)
          var reader = MATLABReader(bytes: inner, place: 0, order: order, depth: depth + 1)
          // Of compressed data there is one element each.
          guard let variable = try reader.variable() else { continue }
          return variable
        case .matrix where !element.content.isEmpty:
          var reader = inside(element)
          return try reader.array()
        default: continue
        }
      } catch {
        // Inside compressed data places mean nothing to anybody.
        throw depth > 0
          ? error
          : MATLABFault("the variable at byte \(start): \(error.reason); fetch the file again")
      }
    }
    return nil
  }

  private func inside(_ element: Element) -> MATLABReader {
    MATLABReader(
      bytes: bytes, place: element.content.lowerBound, end: element.content.upperBound,
      order: order, depth: depth + 1)
  }

  /// The content of an array's element.
  private mutating func array() throws(MATLABFault) -> (name: String, array: MATLABArray) {
    if depth > Self.deepest {
      throw MATLABFault("more than \(Self.deepest) arrays inside each other")
    }
    let flags = try element()
    guard flags.type == .uint32, flags.content.count >= 4 else {
      throw MATLABFault("an array does not begin with its class")
    }
    let word = word(at: flags.content.lowerBound)
    let lengths = try integers("its dimensions")
    guard lengths.count >= 2, lengths.allSatisfy({ $0 >= 0 }) else {
      throw MATLABFault("dimensions \(lengths.prefix(8)) of an array")
    }
    var count = 1
    for length in lengths {
      let (product, isTooMuch) = count.multipliedReportingOverflow(by: length)
      if isTooMuch || product > Self.mostElements {
        throw MATLABFault("an array of \(lengths.map(String.init).joined(separator: " x "))")
      }
      count = product
    }
    let label = try element()
    guard label.type?.size == 1 else { throw MATLABFault("an array has no name") }
    let name = String(decoding: bytes[label.content], as: UTF8.self)
    let content = try content(word: word, shape: lengths, count: count, name: name)
    return (name, MATLABArray(shape: lengths, content: content))
  }

  private mutating func content(
    word: UInt32, shape: [Int], count: Int, name: String
  ) throws(MATLABFault) -> MATLABArray.Content {
    let place = name.isEmpty ? "an array" : "'\(name)'"
    switch word & 0xFF {
    case 1: return .cells(try arrays(count, of: place))
    case 2: return .records(try fields(count, of: place))
    case 4: return .text(try rows(shape: shape, count: count, of: place))
    case 6...15:
      let numbers = try numbers(count, of: place)
      return word & 0x0800 != 0 ? .unread("complex numbers") : .numbers(numbers)
    case 3: return .unread("an object")
    case 5: return .unread("a sparse matrix")
    case 16: return .unread("a function")
    case 17: return .unread("an object")
    case let other: throw MATLABFault("\(place) is of class \(other), which there is not")
    }
  }

  private mutating func arrays(
    _ count: Int, of name: String
  ) throws(MATLABFault) -> [MATLABArray] {
    // Each has 8 bytes at least: a length that is wrong shows before memory is asked for.
    guard count <= (end - place) / 8 else {
      throw MATLABFault("\(name) says that it has \(count) arrays, more than its bytes hold")
    }
    var arrays: [MATLABArray] = []
    arrays.reserveCapacity(count)
    for _ in 0..<count {
      let element = try element()
      guard element.type == .matrix else { throw MATLABFault("\(name) holds what is no array") }
      if element.content.isEmpty {
        arrays.append(.empty)
      } else {
        var reader = inside(element)
        arrays.append(try reader.array().array)
      }
    }
    return arrays
  }

  private mutating func fields(
    _ count: Int, of name: String
  ) throws(MATLABFault) -> [MATLABArray.Field] {
    let length = try integers("the length of field names").first ?? 0
    let element = try element()
    guard length > 0, element.content.count % length == 0 else {
      throw MATLABFault("\(name) has field names of \(length) bytes in \(element.content.count)")
    }
    let names = stride(from: element.content.lowerBound, to: element.content.upperBound, by: length)
      .map { String(decoding: bytes[$0..<$0 + length].prefix { $0 != 0 }, as: UTF8.self) }
    let (total, isTooMuch) = count.multipliedReportingOverflow(by: names.count)
    if isTooMuch { throw MATLABFault("\(name) has too many fields") }
    let values = try arrays(total, of: name)
    return names.enumerated().map { index, field in
      MATLABArray.Field(
        name: field, values: (0..<count).map { values[$0 * names.count + index] })
    }
  }

  private mutating func rows(
    shape: [Int], count: Int, of name: String
  ) throws(MATLABFault) -> [String] {
    if count == 0 { return [] }
    let element = try element()
    if element.type == .utf8 || element.type == .int8 || element.type == .uint8, shape[0] == 1 {
      return [String(decoding: bytes[element.content], as: UTF8.self)]
    }
    let units = try values(of: element, count: count, name: name)
    return (0..<shape[0]).map { row in
      let line = stride(from: row, to: count, by: shape[0]).map { units[$0] }
      return String(decoding: line.map { UInt16(exactly: $0) ?? 0xFFFD }, as: UTF16.self)
    }
  }

  private mutating func numbers(_ count: Int, of name: String) throws(MATLABFault) -> [Double] {
    // An empty array may have no data at all.
    if count == 0, place >= end { return [] }
    return try values(of: try element(), count: count, name: name)
  }

  private func values(
    of element: Element, count: Int, name: String
  ) throws(MATLABFault) -> [Double] {
    guard let type = element.type, let size = type.size else {
      throw MATLABFault("\(name) has no numbers")
    }
    guard element.content.count == count * size else {
      throw MATLABFault(
        "\(name) has \(element.content.count) bytes for \(count) numbers of \(size)")
    }
    let order = order
    return bytes[element.content].withUnsafeBytes { memory in
      func all<Value: FixedWidthInteger>(_ convert: (Value) -> Double) -> [Double] {
        (0..<count).map {
          let value = memory.loadUnaligned(fromByteOffset: $0 * size, as: Value.self)
          return convert(order == .little ? Value(littleEndian: value) : Value(bigEndian: value))
        }
      }
      return switch type {
      case .int8: all { (value: Int8) in Double(value) }
      case .uint8, .utf8: all { (value: UInt8) in Double(value) }
      case .int16: all { (value: Int16) in Double(value) }
      case .uint16, .utf16: all { (value: UInt16) in Double(value) }
      case .int32: all { (value: Int32) in Double(value) }
      case .uint32, .utf32: all { (value: UInt32) in Double(value) }
      case .single: all { (value: UInt32) in Double(Float(bitPattern: value)) }
      case .double: all { (value: UInt64) in Double(bitPattern: value) }
      case .int64: all { (value: Int64) in Double(value) }
      case .uint64: all { (value: UInt64) in Double(value) }
      case .matrix, .compressed: []
      }
    }
  }

  /// The whole numbers of an element of 32-bit ones.
  private mutating func integers(_ what: String) throws(MATLABFault) -> [Int] {
    let element = try element()
    guard element.type == .int32 || element.type == .uint32, element.content.count % 4 == 0 else {
      throw MATLABFault("an array lacks \(what)")
    }
    return stride(from: element.content.lowerBound, to: element.content.upperBound, by: 4)
      .map { Int(Int32(bitPattern: word(at: $0))) }
  }

  private mutating func element() throws(MATLABFault) -> Element {
    guard end - place >= 8 else { throw MATLABFault("it ends where an element should begin") }
    let first = word(at: place)
    if first >> 16 != 0 {
      let length = Int(first >> 16)
      guard length <= 4 else { throw MATLABFault("a short element of \(length) bytes") }
      defer { place += 8 }
      return Element(
        type: ElementType(rawValue: Int(first & 0xFFFF)), content: place + 4..<place + 4 + length)
    }
    let length = Int(word(at: place + 4))
    let start = place + 8
    guard length <= end - start else {
      throw MATLABFault("it ends after \(end - start) of \(length) bytes of an element")
    }
    let type = ElementType(rawValue: Int(first))
    // Padding is not part of the length, and there is none behind compressed data.
    place = min(end, start + (type == .compressed ? length : (length + 7) / 8 * 8))
    return Element(type: type, content: start..<start + length)
  }

  private func word(at place: Int) -> UInt32 {
    Self.word(bytes[place..<place + 4], order: order)
  }

  /// Four bytes as a number.
  static func word(_ bytes: ArraySlice<UInt8>, order: Order) -> UInt32 {
    let digits = order == .big ? Array(bytes) : bytes.reversed()
    return digits.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
