import Foundation

/// Short reasons for failed file operations.
package enum FileProblem {
  /// The system's words for an error of Foundation, without its codes.
  package static func reason(_ error: any Error) -> String {
    let error = error as NSError
    if let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError,
      inner.domain == NSPOSIXErrorDomain
    {
      return describe(Int32(inner.code))
    }
    switch CocoaError.Code(rawValue: error.code) {
    case .fileReadNoSuchFile, .fileNoSuchFile: return describe(ENOENT)
    case .fileReadNoPermission, .fileWriteNoPermission: return describe(EACCES)
    case .fileWriteOutOfSpace: return describe(ENOSPC)
    default: return error.localizedDescription
    }
  }

  /// The system's words for an error number.
  package static func describe(_ code: Int32) -> String { String(cString: strerror(code)) }
}
