import CSystem

/// File systems on which SQLite's locks and shared memory do not hold between machines.
enum NetworkFileSystem {
    /// The name of the network file system that a folder is on; `nil` for a local one.
    static func name(ofFolder path: String) -> String? {
        var magic: UInt32 = 0
        var type = [CChar](repeating: 0, count: 64)
        guard cs_file_system(path, &magic, &type, type.count) == 0 else { return nil }
        let text = type.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return name(magic: magic, type: String(decoding: text, as: UTF8.self))
    }

    private static let fuse: UInt32 = 0x6573_5546

    /// By `f_type` of statfs(2), after linux/magic.h and the file systems' own headers.
    private static let byMagic: [UInt32: String] = [
        0x6969: "NFS", 0x517b: "SMB", 0xfe53_4d42: "SMB2", 0xff53_4d42: "CIFS", 0x0102_1997: "9P",
        0x5346_414f: "AFS", 0x6b41_4653: "AFS", 0x00c3_6400: "Ceph", 0x7375_7245: "Coda", 0x564c: "NCP",
        0x0bd0_0bd0: "Lustre", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x0116_1970: "GFS2",
        0x7461_636f: "OCFS2", 0x786f_4256: "vboxsf",
    ]

    /// FUSE carries local file systems as well, so it is told apart by the type of the mount.
    private static let fuseTypes: Set<String> = [
        "sshfs", "rclone", "s3fs", "s3ql", "gcsfuse", "goofys", "mount-s3", "davfs", "davfs2", "curlftpfs", "glusterfs",
        "cephfs", "ceph-fuse", "juicefs", "seaweedfs", "moosefs", "lizardfs", "smbnetfs", "afp", "grpcfuse", "osxfs",
        "vmhgfs-fuse",
    ]

    /// - Parameter type: the type of a FUSE mount, e.g. `fuse.sshfs`; on macOS that of any file system that is not
    /// local.
    static func name(magic: UInt32, type: String) -> String? {
        if magic == 0 { return type.isEmpty ? nil : type }
        guard magic == fuse else { return byMagic[magic] }
        let kind = type.hasPrefix("fuse.") ? String(type.dropFirst(5)) : type
        return fuseTypes.contains(kind) ? kind : nil
    }
}
