package io.mtdagent;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@code bindings/src/jni/status.rs} writes. */
final class StatusReader {
    private static final int VERSION = 1;
    private static final int ABSENT = 0xffff;
    private static final Charset UTF_8 = Charset.forName("UTF-8");

    private final ByteBuffer in;

    StatusReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
    }

    /** Library and classes are of one version. */
    void version() throws MtdException {
        if (in.get() != VERSION) {
            throw MtdException.notLoaded();
        }
    }

    /** One of these, null for a number beyond them. */
    <T> T oneOf(T[] values) {
        int at = in.get() & 0xff;
        return at < values.length ? values[at] : null;
    }

    long number() {
        return in.getLong();
    }

    String text() {
        int length = in.getShort() & 0xffff;
        if (length == ABSENT) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    MtdException error() {
        int code = in.getShort() & 0xffff;
        if (code == 0) {
            return null;
        }
        int kind = in.get();
        int remedy = in.get();
        long retryAfterMillis = in.getLong();
        return new MtdException(kind, code, remedy, retryAfterMillis, text());
    }

    boolean yes() {
        return in.get() != 0;
    }

    List<MtdThreat> threats() {
        int count = in.getShort() & 0xffff;
        List<MtdThreat> all = new ArrayList<MtdThreat>(count);
        for (int i = 0; i < count; i++) {
            all.add(new MtdThreat(this));
        }
        return all;
    }

    List<MtdLedgerEntry> ledger() {
        int count = in.getShort() & 0xffff;
        List<MtdLedgerEntry> all = new ArrayList<MtdLedgerEntry>(count);
        for (int i = 0; i < count; i++) {
            all.add(new MtdLedgerEntry(this));
        }
        return all;
    }

    List<MtdFinding> findings() {
        int count = in.getShort() & 0xffff;
        List<MtdFinding> all = new ArrayList<MtdFinding>(count);
        for (int i = 0; i < count; i++) {
            all.add(new MtdFinding(this));
        }
        return all;
    }

    List<MtdAccess> access() {
        int count = in.getShort() & 0xffff;
        List<MtdAccess> all = new ArrayList<MtdAccess>(count);
        for (int i = 0; i < count; i++) {
            all.add(new MtdAccess(this));
        }
        return all;
    }

    List<MtdAccess.Blocker> blockers() {
        int count = in.getShort() & 0xffff;
        List<MtdAccess.Blocker> all = new ArrayList<MtdAccess.Blocker>(count);
        for (int i = 0; i < count; i++) {
            all.add(new MtdAccess.Blocker(this));
        }
        return all;
    }
}
