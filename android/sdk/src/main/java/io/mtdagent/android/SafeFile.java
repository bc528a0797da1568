package io.mtdagent.android;

import android.os.ParcelFileDescriptor;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;

/** A small file that is there whole or not at all, whatever happens while it is written. */
final class SafeFile {
    private static final String NEW = ".new";

    private final File file;

    SafeFile(File folder, String name) {
        file = new File(folder, name);
    }

    boolean exists() {
        return file.exists();
    }

    /** The content; null if there is no file. */
    byte[] read(int limit) throws IOException {
        if (!file.exists()) {
            return null;
        }
        FileInputStream in = new FileInputStream(file);
        try {
            long length = file.length();
            if (length > limit) {
                throw new IOException("too long");
            }
            byte[] bytes = new byte[(int) length];
            new DataInputStream(in).readFully(bytes);
            return bytes;
        } finally {
            in.close();
        }
    }

    void write(byte[] bytes) throws IOException {
        File folder = file.getParentFile();
        if (!folder.isDirectory() && !folder.mkdirs()) {
            throw new IOException("no folder");
        }
        File fresh = new File(folder, file.getName() + NEW);
        FileOutputStream out = new FileOutputStream(fresh);
        try {
            out.write(bytes);
            out.getFD().sync();
        } finally {
            out.close();
        }
        if (!fresh.renameTo(file)) {
            throw new IOException("no rename");
        }
        sync(folder);
    }

    /** No file is a success. */
    void delete() throws IOException {
        File fresh = new File(file.getPath() + NEW);
        if (fresh.exists() && !fresh.delete() || file.exists() && !file.delete()) {
            throw new IOException("no removal");
        }
        sync(file.getParentFile());
    }

    /** Java's streams open no folder; a descriptor of Android does. */
    private static void sync(File folder) {
        try {
            ParcelFileDescriptor opened = ParcelFileDescriptor.open(folder, ParcelFileDescriptor.MODE_READ_ONLY);
            try {
                opened.getFileDescriptor().sync();
            } finally {
                opened.close();
            }
        } catch (IOException notHere) {
            // A file system that cannot do it loses the rename of its last seconds in a power cut, and no content.
            return;
        }
    }
}
