/// The letters' shapes: pen strokes for the printable ASCII characters from space to tilde.
///
/// A stroke is a row of points of two base-36 digits, x in 0...10 and y in 0...26: capitals reach
/// from 0 to 20, small letters from 6, descenders to 26. A stroke that starts with `~` is a smooth
/// curve (quadratic B-spline) with these control points, closed if it ends where it starts.
enum GlyphStrokes {
  /// The strokes of each character, separated by spaces.
  static let table: [String] = [
    "", "505e 5j5k", "2025 8085", "2k40 6k80 07a7 0dad", "~a5820209abai2i0f 505k",
    "0ka0 ~0040460600 ~6eaeak6k6e", "~ak3814208085090k7kab", "5055", "~70252f7k", "~30858f3k",
    "525c 149a 941a", "555f 0aaa", "5j5l3o", "1a9a", "5j5k", "0ka0",
    // 0–9
    "~00a0aaak0k0a00 3d77", "14505k 1k9k", "~0410a0a80k 0kak", "~0310909949 ~49a9ak1k0h",
    "7k700eae", "901009 ~0937a7ak1k0h", "~9270000a0kaka8180d", "00a03k", "~1090991910 ~09a9ak0k09",
    "~1i3kakaaa0000c9ca7",
    "5758 5j5k", "5758 5j5l3o", "930a9h", "07a7 0dad", "13aa1h", "~0410a0a8595e 5j5k",
    "~9k0k0a00a0a8ae7e76 ~76363e7e",
    // A–Z
    "0k50ak 2d8d", "000k 0040 0949 0k4k ~40909949 ~49a9ak4k", "~a490000a0k9kag",
    "000k 0030 0k3k ~30a0aaak3k", "a0000kak 0a8a", "a0000k 0a8a", "~a490000a0kakab ab6b",
    "000k a0ak 0aaa", "505k 2080 2k8k", "808d ~8d8k0k0e", "000k a00c 48ak", "000kak",
    "0k005ba0ak", "0k00aka0", "~00a0aaak0k0a00", "000k 0040 0b4b ~40a0ab4b",
    "~00a0aaak0k0a00 6dal", "000k 0040 0b4b ~40a0ab4b 5bak", "~a3800009abak2k0h", "00a0 505k",
    "000d ~0d0kakad ada0", "005ka0", "002k578ka0", "00ak a00k", "005aa0 5a5k", "00a00kak",
    "70303m7m", "00ak", "30707m3m", "0650a6", "0mam", "3064",
    // a–z
    "~1826969b 9b9k ~9c0c0k7k9g", "000k ~06a6adak0k0d06", "~a996060d0k9kah",
    "a0ak ~06a6adak0k0d06", "0cac ~aca6060d0k7k9i", "~904047 474k 1787",
    "a6ak ~06a6adak0k0d06 ~akaq2q0o", "000k ~0b16a6ad adak", "26565k 2k8k 5051",
    "36767j ~7j7q2q1o 7071", "000k 960f 3cak", "20505f ~5f5k9k",
    "060k ~0a16565b 5b5k ~5a66a6ab abak", "060k ~0b16a6ad adak", "~06a6adak0k0d06",
    "060q ~06a6adak0k0d06", "a6aq ~06a6adak0k0d06", "161k ~1c2686a9", "~a996060caeak1k0h",
    "414f ~4f4k7k9j 0696", "060d ~0d0k9kae a6ak", "065ka6", "062k5a8ka6", "06ak a60k",
    "065j a63q", "06a60kak",
    "~80404a0b ~0b4c4m8m", "505n", "~20606aab ~ab6c6m2m", "~0c18486c9ca8",
  ]

  /// The shape of characters outside the table: an empty frame.
  static let missing = "00a0ak0k00"
}
