package io.mtdagent;

/**
 * Every code of {@link MtdException#code}, by name. A number never changes its meaning.
 *
 * <p>Written by {@code cargo xtask parity --write} from the table of the core.
 */
public final class MtdCode {
    /** The configuration names no gateway, device ID or tenant. */
    public static final int CONFIGURATION_INCOMPLETE = 101;
    /** The gateway is not a host under https, with or without a port. */
    public static final int GATEWAY_MALFORMED = 102;
    /** The gateway is not under the host that the app was built for. */
    public static final int GATEWAY_NOT_ALLOWED = 103;
    /** The device is registered with another gateway, which a configuration cannot change. */
    public static final int GATEWAY_CHANGED = 104;
    /** A configured value has another type than its key demands. */
    public static final int VALUE_WRONG_TYPE = 110;
    /** A configured value is a token that the MDM did not resolve. */
    public static final int VALUE_UNRESOLVED = 111;
    /** A configured value is not in the form that its key demands. */
    public static final int VALUE_MALFORMED = 112;
    /** An Intune device ID stands where the Entra device ID is expected. */
    public static final int VALUE_WRONG_ID = 113;
    /** A configured value is longer than the bound. */
    public static final int VALUE_TOO_LONG = 114;
    /** A configuration has more values, or nests deeper, than the bound. */
    public static final int SOURCE_TOO_LARGE = 115;
    /** A configuration key differs from a known one by upper and lower case. */
    public static final int KEY_WRONG_CASE = 116;
    /** Two configurations name different device IDs or tenants. */
    public static final int SOURCES_DISAGREE = 117;
    /** A configuration key stands in a source that may not set it. */
    public static final int KEY_NOT_FROM_HERE = 118;
    /** The user wanted to leave, which the policy prevents. */
    public static final int UNENROLMENT_PREVENTED = 130;
    /** The trust that the app was built with cannot be used. */
    public static final int TRUST_UNUSABLE = 131;
    /** The agent was stopped. */
    public static final int STOPPED = 132;
    /** Too many inputs wait. */
    public static final int INPUTS_CROWDED = 133;
    /** An argument is absent, of the wrong type, or cannot be read. */
    public static final int ARGUMENT = 134;
    /** A blocking call on a thread of the agent's own. */
    public static final int WOULD_BLOCK = 135;
    /** A blocking call on the app's main thread. */
    public static final int MAIN_THREAD = 136;
    /** The key store is locked until the device is unlocked for the first time. */
    public static final int KEY_LOCKED = 201;
    /** The key store did not answer in time. */
    public static final int KEY_BUSY = 202;
    /** The key is no longer in the key store. */
    public static final int KEY_GONE = 203;
    /** The key store cannot make or use a key of this kind. */
    public static final int KEY_UNSUPPORTED = 204;
    /** The CA demands what the key store cannot give. */
    public static final int DEMAND_UNMET = 205;
    /** The issued certificate is not for this key, device ID, CA or use. */
    public static final int CERTIFICATE_INVALID = 206;
    /** The activation credential is not accepted for this device. */
    public static final int CREDENTIAL_REFUSED = 210;
    /** The activation credential was used already. */
    public static final int CREDENTIAL_BURNT = 211;
    /** The activation credential has expired. */
    public static final int CREDENTIAL_EXPIRED = 212;
    /** The device is in no enrolment group. */
    public static final int NOT_ELIGIBLE = 213;
    /** The device has a living certificate that this credential may not replace. */
    public static final int ALREADY_ENROLLED = 214;
    /** The cloud does not know the device's certificate. */
    public static final int CERTIFICATE_REQUIRED = 215;
    /** The administrator revoked the device. */
    public static final int REVOKED = 216;
    /** There is no network, no name or no route. */
    public static final int OFFLINE = 301;
    /** The cloud did not answer in time. */
    public static final int TIMED_OUT = 302;
    /** Nothing listens at the gateway's address. */
    public static final int CONNECTION_REFUSED = 303;
    /** The server refused the device's certificate during the handshake. */
    public static final int CERTIFICATE_REFUSED = 305;
    /** The server's certificate does not chain to the partner's CA. */
    public static final int UNKNOWN_ISSUER = 310;
    /** The server's certificate is for another name. */
    public static final int WRONG_NAME = 311;
    /** The server's key is not pinned. */
    public static final int WRONG_PIN = 312;
    /** The server's certificate has expired or is not valid yet. */
    public static final int NOT_VALID_NOW = 313;
    /** The server's certificate, or the proof of its key, is malformed. */
    public static final int HANDSHAKE_MALFORMED = 314;
    /** The cloud got too many requests. */
    public static final int THROTTLED = 401;
    /** The cloud cannot answer at present. */
    public static final int UNAVAILABLE = 402;
    /** The cloud redirected, which is not followed. */
    public static final int REDIRECTED = 404;
    /** The answer ended early. */
    public static final int ANSWER_TRUNCATED = 405;
    /** The answer is larger than the bound. */
    public static final int ANSWER_TOO_LARGE = 406;
    /** The answer is not what the contract says. */
    public static final int ANSWER_MALFORMED = 407;
    /** The signature of a document does not hold. */
    public static final int DOCUMENT_FORGED = 408;
    /** The CA cannot read the certificate request. */
    public static final int REQUEST_INVALID = 410;
    /** The cloud cannot read the report. */
    public static final int REPORT_INVALID = 411;
    /** The report does not follow the last one that the cloud holds. */
    public static final int CHAIN_BROKEN = 412;
    /** The report is larger than the cloud allows. */
    public static final int REPORT_TOO_LARGE = 413;
    /** There is no such thing at the gateway. */
    public static final int NOT_FOUND = 414;
    /** The cloud named a problem of a later version. */
    public static final int PROBLEM_UNKNOWN = 419;
    /** A signed document is of another kind than its place demands. */
    public static final int DOCUMENT_WRONG_KIND = 420;
    /** A signed document is for another tenant. */
    public static final int DOCUMENT_WRONG_TENANT = 421;
    /** A signed document is older than the one in force. */
    public static final int DOCUMENT_OLD = 422;
    /** A signed document has expired. */
    public static final int DOCUMENT_EXPIRED = 423;
    /** A signed command is for another device. */
    public static final int COMMAND_WRONG_DEVICE = 424;
    /** A signed command was obeyed before. */
    public static final int COMMAND_REPEATED = 425;
    /** More signed commands are in flight than are remembered. */
    public static final int COMMANDS_CROWDED = 426;
    /** The system does not allow reading apps or settings. */
    public static final int COLLECT_DENIED = 501;
    /** There is no space left. */
    public static final int STORAGE_FULL = 502;
    /** The storage reported an error. */
    public static final int STORAGE_IO = 503;
    /** What is stored cannot be read. */
    public static final int STORAGE_UNREADABLE = 504;
    /** Another process holds the folder. */
    public static final int STORAGE_BUSY = 505;
    /** What is stored was written by a later version. */
    public static final int STORAGE_NEWER = 506;
    /** Apps or settings cannot be read in full. */
    public static final int COLLECT_FAILED = 507;
    /** More changes waited than are kept; the oldest are lost. */
    public static final int TRANSITIONS_OVERFLOWED = 508;
    /** More threats were found than are kept open. */
    public static final int THREATS_OVERFLOWED = 509;
    /** More apps are installed than are reported. */
    public static final int APPS_OVERFLOWED = 510;
    /** More than half of the apps are missing; they are read again. */
    public static final int APPS_DOUBTED = 511;
    /** Three starts did not come to rest; what can be derived again was dropped. */
    public static final int START_REPAIRED = 512;
    /** The system gives no randomness, no memory or no thread. */
    public static final int SYSTEM = 513;
    /** The native library is not there, or is for another device. */
    public static final int LIBRARY = 514;
    /** What was stored was lost and was given up; the device activates anew. */
    public static final int STARTED_OVER = 515;
    /** The agent's shell gave a command up. */
    public static final int LOST = 901;
    /** An internal fault; the agent does nothing any more. */
    public static final int INERT = 902;

    private MtdCode() {
    }
}
