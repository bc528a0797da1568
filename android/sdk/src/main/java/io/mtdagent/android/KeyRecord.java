package io.mtdagent.android;

import io.mtdagent.MtdKeyStore.Protection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What is known of a key that was made: where its secret half is, and its public half. While the record is there, the
 * key must be too: that is how a lost key is told from one that never was.
 */
final class KeyRecord {
    /** Most bytes of a record. */
    static final int LIMIT = 4096;

    private static final int VERSION = 1;

    /** Where the secret half is. The order is the file format's. */
    enum Kept {
        /** In the system's key store, which never gives it out. */
        IN_STORE,
        /** In the record, under an AES key of the system's key store. */
        UNDER_AES,
        /** In the record, under an RSA key of the system's key store. */
        UNDER_RSA,
        /** In the record as it is. */
        PLAIN
    }

    final Kept kept;
    final Protection protection;
    /** Empty for a key without a public half. */
    final byte[] spki;
    /** Empty for a key in the store. */
    final byte[] sealed;

    KeyRecord(Kept kept, Protection protection, byte[] spki, byte[] sealed) {
        this.kept = kept;
        this.protection = protection;
        this.spki = spki;
        this.sealed = sealed;
    }

    byte[] write() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(VERSION);
        out.writeByte(kept.ordinal());
        out.writeByte(protection.ordinal());
        out.writeShort(spki.length);
        out.write(spki);
        out.writeShort(sealed.length);
        out.write(sealed);
        return bytes.toByteArray();
    }

    /** The record in the bytes; null if it is none: the key can no longer be had. */
    static KeyRecord read(byte[] bytes) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            if (in.readByte() != VERSION) {
                return null;
            }
            int kept = in.readUnsignedByte();
            int protection = in.readUnsignedByte();
            if (kept >= Kept.values().length || protection >= Protection.values().length) {
                return null;
            }
            byte[] spki = new byte[in.readUnsignedShort()];
            in.readFully(spki);
            byte[] sealed = new byte[in.readUnsignedShort()];
            in.readFully(sealed);
            return in.read() < 0
                    ? new KeyRecord(Kept.values()[kept], Protection.values()[protection], spki, sealed) : null;
        } catch (IOException ended) {
            return null;
        }
    }
}
