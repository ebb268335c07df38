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
  /// Folders that are named for the class of their pictures.
  case classFolders = "class folders"
  /// CSV of paths and classes.
  case classTable = "CSV of classes"
  /// Darknet's lists of pictures whose paths contain their classes.
  case darknetList = "Darknet's class lists"

  /// Whether samples have objects with boxes; otherwise one class each.
  package var hasObjects: Bool { [.voc, .coco, .yolo].contains(self) }
}
