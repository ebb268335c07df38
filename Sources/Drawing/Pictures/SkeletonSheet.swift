package import Geometry
package import Images
package import Keypoints

/// Persons with their skeletons beside each other, each cut out of its picture.
package struct SkeletonSheet: Sendable {
  /// A person.
  package struct Entry: Sendable {
    /// The picture.
    package let image: Image
    /// The found keypoints in pixels of the picture.
    package let found: [FoundKeypoint]
    /// What is annotated, in pixels of the picture; nil: nothing is drawn of it.
    package let truth: KeypointTruth?
    /// What of the picture is shown, in its pixels; may reach out of it.
    package let region: Box
    /// The line below.
    package let caption: String

    /// A person; without a region the truth's is shown, or else the whole picture.
    package init(
      image: Image, found: [FoundKeypoint], truth: KeypointTruth? = nil, region: Box? = nil,
      caption: String
    ) {
      self.image = image
      self.found = found
      self.truth = truth
      self.region =
        region ?? truth?.region
        ?? Box(left: 0, top: 0, right: Float(image.width), bottom: Float(image.height))
      self.caption = caption
    }
  }

  /// Draws the skeletons.
  package var painter: SkeletonPicture
  /// Places the persons.
  package var sheet: ContactSheet

  /// A sheet of square cells.
  package init(
    _ painter: SkeletonPicture,
    sheet: ContactSheet = ContactSheet(columns: 5, cellWidth: 240, cellHeight: 240)
  ) {
    self.painter = painter
    self.sheet = sheet
  }

  /// The sheet, row by row.
  package func image(_ entries: [Entry]) -> Image {
    sheet.image(entries.map { (picture(of: $0), $0.caption) })
  }

  /// A person at the size of a cell, so that lines are as thick in all of them.
  package func picture(of entry: Entry) -> Image {
    let placement = ImagePlacement(
      imageWidth: entry.image.width, imageHeight: entry.image.height, inputWidth: sheet.cellWidth,
      inputHeight: sheet.cellHeight, mode: .stretch, region: entry.region)
    let view = CropView(
      entry.image, placement.source, width: sheet.cellWidth, height: sheet.cellHeight)
    let found = entry.found.map { keypoint in
      var moved = keypoint
      moved.position = view.place(of: keypoint.position)
      return moved
    }
    let truths = entry.truth.map { truth in
      var moved = truth
      moved.points = truth.points.map { point in
        var moved = point
        moved.position = view.place(of: point.position)
        return moved
      }
      return [moved]
    }
    return painter.drawing([found], truths: truths ?? [], on: view.image)
  }
}

/// A rectangle of a picture at another size; black where it reaches out of the picture.
struct CropView {
  /// What is shown.
  let image: Image
  private let source: PixelRectangle

  /// A view of at least one pixel, of a rectangle of at least one pixel.
  init(_ picture: Image, _ source: PixelRectangle, width: Int, height: Int) {
    self.source = source
    var crop = Image(width: source.width, height: source.height)
    let columns = (source.x..<source.x + source.width).clamped(to: 0..<picture.width)
    let rows = (source.y..<source.y + source.height).clamped(to: 0..<picture.height)
    for row in rows where !columns.isEmpty {
      let from = 3 * (row * picture.width + columns.lowerBound)
      let to = 3 * ((row - source.y) * source.width + columns.lowerBound - source.x)
      crop.pixels.replaceSubrange(
        to..<to + 3 * columns.count, with: picture.pixels[from..<from + 3 * columns.count])
    }
    image = crop.resized(width: width, height: height)
  }

  /// Where a place of the picture is in the view, in pixels.
  func place(of point: Point) -> Point {
    Point(
      (point.x - Double(source.x)) * Double(image.width) / Double(source.width),
      (point.y - Double(source.y)) * Double(image.height) / Double(source.height))
  }
}
