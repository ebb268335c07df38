import Files
import Foundation

/// COCO's JSON as tools that write keypoints vary it.
///
/// The properties have COCO's names.
struct COCOKeypointContent: Decodable {
  let images: ListOrDictionary<Picture>
  let annotations: ListOrDictionary<Annotation>
  let categories: ListOrDictionary<Category>?

  struct Picture: Decodable {
    let id: FileIdentifier
    let file_name: String
    let width: Double?
    let height: Double?
  }

  struct Category: Decodable {
    let id: FileIdentifier
    let name: String?
    let keypoints: [String]?
    let skeleton: [[Int]]?
  }

  struct Annotation: Decodable {
    let image_id: FileIdentifier
    let category_id: FileIdentifier?
    let keypoints: Triples?
    let num_keypoints: Double?
    let bbox: [Double]?
    let area: Double?
    let iscrowd: Double?
    let ignore: Double?
  }

  /// A list, or a dictionary of its elements by their ids.
  struct ListOrDictionary<Element: Decodable>: Decodable {
    let elements: [Element]

    init(from decoder: any Decoder) throws {
      let isList = (try? decoder.unkeyedContainer()) != nil
      if isList {
        elements = try [Element](from: decoder)
      } else {
        // The order of a dictionary says nothing; numbers are taken as such.
        elements = try [String: Element](from: decoder).sorted {
          if let first = Int($0.key), let second = Int($1.key), first != second {
            return first < second
          }
          return $0.key < $1.key
        }.map(\.value)
      }
    }
  }

  /// Keypoints as x, y and v one after the other, or as a list for each of them; NaN for `null`.
  struct Triples: Decodable {
    /// Each of three numbers, or of two, which means that v is 2.
    let values: [[Double]]
    /// Whether the numbers come in threes.
    let isWhole: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flat = try? container.decode([Double?].self) {
        let numbers = flat.map { $0 ?? .nan }
        isWhole = numbers.count % 3 == 0
        values = stride(from: 0, to: numbers.count - 2, by: 3).map { Array(numbers[$0..<$0 + 3]) }
      } else {
        values = try container.decode([[Double?]].self).map { $0.map { $0 ?? .nan } }
        isWhole = values.allSatisfy { $0.count == 2 || $0.count == 3 }
      }
    }
  }
}
