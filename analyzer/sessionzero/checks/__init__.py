"""The checks: pure functions from a program and a rule's page to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sessionzero.checks import (
    child_programs,
    copied_data,
    desktops,
    interactive_flags,
    meaningless_names,
    object_names,
    qt_keys,
    screens,
    session_input,
    session_messages,
    shell_ui,
    unusable_names,
    user_drives,
    user_interface,
    user_places,
    user_programs,
    user_secrets,
    uses,
    window_ends,
    window_messages,
)
from sessionzero.findings import Finding
from sessionzero.program import Program
from sessionzero.rules import Rule

Check = Callable[[Program, Rule], Iterator[Finding]]

CHECKS: Mapping[str, Check] = {
    "backslash-in-name": unusable_names.backslash_in_name,
    "blocking-message": session_messages.blocking_message,
    "broadcast-in-service": window_messages.broadcast_in_service,
    "call-in-service": user_interface.call_in_service,
    "client-searches-service-window": window_ends.client_searches_service_window,
    "copied-data-as-ipc": copied_data.copied_data_as_ipc,
    "desktop-of-user-in-service": desktops.desktop_of_user_in_service,
    "desktop-without-token": user_programs.desktop_without_token,
    "destroyed-prefix": object_names.destroyed_prefix_in_literal,
    "document-opened": child_programs.document_opened,
    "flagged-call-in-service": user_interface.flagged_call_in_service,
    "graphical-child": child_programs.graphical_child,
    "hook-in-service": session_input.hook_in_service,
    "inherited-handles": user_programs.inherited_handles,
    "input-state-in-service": session_input.input_state_in_service,
    "interactive-install": interactive_flags.interactive_install,
    "interactive-registry-value": interactive_flags.interactive_registry_value,
    "interactive-status": interactive_flags.interactive_status,
    "interactive-type": interactive_flags.interactive_type,
    "label-as-name": meaningless_names.label_as_name,
    "local-prefix": object_names.local_prefix,
    "logon-from-local-system": user_programs.logon_from_local_system,
    "malformed-prefix": object_names.malformed_prefix,
    "mapped-drive": user_drives.mapped_drive,
    "message-cut-in-half": session_messages.message_cut_in_half,
    "message-to-foreign-window": window_messages.message_to_foreign_window,
    "message-to-own-session": session_messages.message_to_own_session,
    "mismatched-name": object_names.mismatched_name,
    "native-path": unusable_names.native_path,
    "private-name": object_names.private_name,
    "probe-by-name": meaningless_names.probe_by_name,
    "qt-key": qt_keys.qt_key,
    "reserved-prefix": unusable_names.reserved_prefix,
    "screen-in-service": screens.screen_in_service,
    "section-created-by-client": unusable_names.section_created_by_client,
    "service-environment": user_programs.service_environment,
    "shell-ui-in-service": shell_ui.shell_ui_in_service,
    "system-token-for-users": user_programs.system_token_for_users,
    "token-of-session-0": user_programs.token_of_session_0,
    "too-long-name": unusable_names.too_long,
    "use-in-service": uses.use_in_service,
    "user-folder": user_places.user_folder,
    "user-hive": user_places.user_hive,
    "user-secret": user_secrets.user_secret,
    "visible-window-in-service": user_interface.visible_window_in_service,
    "window-lookup-in-service": window_messages.window_lookup_in_service,
    "wrong-desktop": user_programs.wrong_desktop,
}
