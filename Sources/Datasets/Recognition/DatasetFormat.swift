/// The formats of data sets that can be trained on.
package enum DatasetFormat: String, Sendable, CaseIterable {
  /// PASCAL VOC's XML.
  case voc = "VOC"
  /// COCO's JSON.
  case coco = "COCO"
  /// YOLO's text files.
  case yolo = "YOLO"
  /// CIFAR-10's binary files.
  case cifar10 = "CIFAR-10"
  /// CIFAR-100's binary files, by the fine labels.
  case cifar100 = "CIFAR-100"

  /// Whether samples have objects with boxes; otherwise one class each.
  package var hasObjects: Bool { self != .cifar10 && self != .cifar100 }
}
