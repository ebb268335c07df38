package import Foundation

/// The variables of a MATLAB file of version 5, which MATLAB 5 to 7.2 and SciPy write.
///
/// 128 bytes of header end in version and byte order; behind them is one element for each variable,
/// compressed or not (MathWorks, MAT-File Format, chapter 1).
package struct MATLABFile: Sendable {
  /// The variables' names in the order of the file.
  package private(set) var names: [String] = []
  private var arrays: [String: MATLABArray] = [:]

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` for a file that the system does not give, that is cut off or damaged, or of
  ///   another version.
  package init(contentsOf url: URL) throws {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw FileError(path: url.path, reason: "cannot be read: \(FileProblem.reason(error))")
    }
    try self.init([UInt8](data), file: url.path)
  }

  /// Reads a file's content.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - file: Its name for messages.
  /// - Throws: ``FileError``.
  package init(_ bytes: [UInt8], file: String) throws {
    do throws(MATLABFault) {
      var reader = MATLABReader(
        bytes: bytes, place: Self.headerLength, order: try Self.order(of: bytes))
      while let variable = try reader.variable() {
        if arrays.updateValue(variable.array, forKey: variable.name) == nil {
          names.append(variable.name)
        }
      }
    } catch {
      throw FileError(path: file, reason: error.reason)
    }
  }

  /// A variable; nil if there is none of that name.
  package subscript(name: String) -> MATLABArray? { arrays[name] }

  /// A variable that must be there.
  ///
  /// - Throws: ``FileError`` that lists those that are.
  package func require(_ name: String, file: String) throws -> MATLABArray {
    if let array = arrays[name] { return array }
    let others = names.isEmpty ? "there is none" : "there is " + names.joined(separator: ", ")
    throw FileError(path: file, reason: "no variable '\(name)'; \(others)")
  }

  private static let headerLength = 128

  /// The order of bytes that the header tells.
  private static func order(of bytes: [UInt8]) throws(MATLABFault) -> MATLABReader.Order {
    let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    let isHDF5 =
      bytes.starts(with: hdf5) || bytes.starts(with: Array("MATLAB 7.3".utf8))
      || bytes.count > 520 && bytes[512..<520].elementsEqual(hdf5)
    if isHDF5 {
      throw MATLABFault(
        "MATLAB's version 7.3, which is HDF5, is not read; save it with save(…, '-v7')")
    }
    guard bytes.count >= headerLength else {
      throw MATLABFault("is no MATLAB file of version 5: \(bytes.count) bytes, the header has 128")
    }
    let order: MATLABReader.Order
    switch (bytes[126], bytes[127]) {
    case (UInt8(ascii: "I"), UInt8(ascii: "M")): order = .little
    case (UInt8(ascii: "M"), UInt8(ascii: "I")): order = .big
    default:
      throw MATLABFault(
        "is no MATLAB file of version 5: its header does not end in IM or MI"
          + "; save it with save(…, '-v7')")
    }
    let version = order == .little ? [bytes[125], bytes[124]] : [bytes[124], bytes[125]]
    guard version == [1, 0] else {
      throw MATLABFault(
        "a MATLAB file of version \(version[0]).\(version[1]) is not read; save it with save(…, '-v7')"
      )
    }
    return order
  }
}

/// What is wrong with a MATLAB file.
struct MATLABFault: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
