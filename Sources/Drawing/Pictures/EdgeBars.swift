import Detection
import Geometry
import Images

/// Bars across the middle of a box's edges, one standard deviation to either side: how far the edges may be off.
///
/// Rectangles inside and outside of the box would say the same, and two more for each box hide which belongs to
/// which.
struct EdgeBars {
  /// Thickness of the bars in pixels.
  let thickness: Float

  /// Draws those of a box, white with a dark rim so that they stand out from its frame.
  ///
  /// - Parameters:
  ///   - edges: The deviations, all finite.
  ///   - box: What they are of.
  ///   - visible: Its part inside the picture, whose middle the bars stand at.
  ///   - canvas: Drawn on.
  func draw(_ edges: EdgeDeviations, of box: Box, visible: Box, on canvas: inout Canvas) {
    let (x, y) = (visible.centerX, visible.centerY)
    // Beyond the middle of the box a bar would be read as one of the other edge.
    let bars = [
      across(box.left - edges.left, min(box.left + edges.left, box.centerX), y),
      across(max(box.right - edges.right, box.centerX), box.right + edges.right, y),
      down(box.top - edges.top, min(box.top + edges.top, box.centerY), x),
      down(max(box.bottom - edges.bottom, box.centerY), box.bottom + edges.bottom, x),
    ]
    for part in bars.joined() {
      canvas.fill(
        Box(
          left: part.left - 1, top: part.top - 1, right: part.right + 1, bottom: part.bottom + 1),
        .black, alpha: 0.5)
    }
    for part in bars.joined() { canvas.fill(part, .white) }
  }

  private var half: Float { thickness / 2 }
  private var cap: Float { 2 * thickness + 1 }

  private func across(_ left: Float, _ right: Float, _ y: Float) -> [Box] {
    [Box(left: left, top: y - half, right: right, bottom: y + half)]
      + [left, right].map {
        Box(left: $0 - half, top: y - cap, right: $0 + half, bottom: y + cap)
      }
  }

  private func down(_ top: Float, _ bottom: Float, _ x: Float) -> [Box] {
    [Box(left: x - half, top: top, right: x + half, bottom: bottom)]
      + [top, bottom].map {
        Box(left: x - cap, top: $0 - half, right: x + cap, bottom: $0 + half)
      }
  }
}
