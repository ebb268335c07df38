import Darknet
import Foundation

/// The JSON part of a safetensors file, checked.
struct SafetensorsHeader: Equatable {
  var metadata: [String: String]
  /// In the order of their bytes.
  var entries: [Safetensors.Entry]

  /// The bytes of the arrays together.
  var dataLength: Int { entries.last?.bytes.upperBound ?? 0 }
}

// MARK: - Writing

extension SafetensorsHeader {
  /// Length and JSON, padded with spaces so that the arrays begin at a multiple of 8 bytes.
  ///
  /// Equal headers give equal bytes.
  func encoded() throws -> [UInt8] {
    var items: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }
        .map { "\(try Self.quoted($0.key)):\(try Self.quoted($0.value))" }
      items.append("\"\(Safetensors.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      items.append(
        "\(try Self.quoted(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.bytes.lowerBound),\(entry.bytes.upperBound)]}")
    }
    var json = Array("{\(items.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
  }

  private static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}

// MARK: - Reading

extension SafetensorsHeader {
  /// Reads the JSON and checks every field against the format and the size of the file.
  ///
  /// - Parameters:
  ///   - json: The header without its length.
  ///   - dataLength: Bytes of the file after the header.
  ///   - path: Named in errors.
  /// - Throws: ``TrainingError`` naming the field at fault.
  init(json: [UInt8], dataLength: Int, path: String) throws {
    guard json.first == UInt8(ascii: "{") else {
      throw TrainingError.malformed(path: path, reason: "its header is not a JSON object")
    }
    let raw: RawHeader
    do {
      raw = try JSONDecoder().decode(RawHeader.self, from: Data(json))
    } catch let error as TensorDecodingError {
      throw TrainingError.tensor(path: path, name: error.name, reason: error.reason)
    } catch {
      throw TrainingError.malformed(path: path, reason: "its header is not valid JSON")
    }
    metadata = raw.metadata
    entries = try raw.tensors.map { try Self.checked($0.key, $0.value, path) }
    // Arrays without elements share their offset with a neighbour: the end breaks the tie.
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name)
        < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = 0
    for entry in entries {
      if entry.bytes.lowerBound != end {
        let what = entry.bytes.lowerBound < end ? "overlaps the one before it" : "follows a gap"
        throw TrainingError.tensor(path: path, name: entry.name, reason: what)
      }
      end = entry.bytes.upperBound
      if end > dataLength {
        throw TrainingError.tensor(
          path: path, name: entry.name,
          reason: "ends \(end - dataLength) bytes behind the end of the file, which is cut short")
      }
    }
    if end < dataLength {
      throw TrainingError.malformed(
        path: path, reason: "\(dataLength - end) bytes after the last tensor")
    }
  }

  private static func checked(
    _ name: String, _ raw: RawTensor, _ path: String
  ) throws -> Safetensors.Entry {
    func wrong(_ reason: String) -> TrainingError {
      .tensor(path: path, name: name, reason: reason)
    }
    guard let type = Safetensors.ElementType(rawValue: raw.dtype) else {
      throw wrong("has the unknown element type \(raw.dtype)")
    }
    guard raw.offsets.count == 2, raw.offsets[0] >= 0, raw.offsets[0] <= raw.offsets[1] else {
      throw wrong("has the impossible data_offsets \(raw.offsets)")
    }
    var size = type.size
    for extent in raw.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { throw wrong("has the impossible shape \(raw.shape)") }
      size = product
    }
    let bytes = raw.offsets[0]..<raw.offsets[1]
    guard bytes.count == size else {
      throw wrong("has \(bytes.count) bytes, its shape \(raw.shape) needs \(size)")
    }
    return Safetensors.Entry(name: name, type: type, shape: raw.shape, bytes: bytes)
  }
}

private struct RawTensor: Decodable {
  var dtype: String
  var shape: [Int]
  var offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype
    case shape
    case offsets = "data_offsets"
  }
}

private struct TensorDecodingError: Error {
  var name: String
  var reason: String
}

private struct RawHeader: Decodable {
  var metadata: [String: String] = [:]
  var tensors: [String: RawTensor] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    for key in container.allKeys {
      let name = key.stringValue
      do {
        if name == Safetensors.metadataKey {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[name] = try container.decode(RawTensor.self, forKey: key)
        }
      } catch DecodingError.keyNotFound(let missing, _) {
        throw TensorDecodingError(name: name, reason: "has no \(missing.stringValue)")
      } catch {
        let reason =
          name == Safetensors.metadataKey
          ? "must hold strings only" : "has a dtype, shape or data_offsets of the wrong type"
        throw TensorDecodingError(name: name, reason: reason)
      }
    }
  }
}

private struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
