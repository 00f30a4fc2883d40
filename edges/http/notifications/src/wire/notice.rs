//! The inbox on the wire.

use crate::wire::schema::{ChannelWord, LanguageWord, NoticeIdText};
use db::WallTime;
use http_core::problem::{Outcome, Problem};
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use ids::{EventId, NoticeId};
use notifications::Language;
use notifications::inbox::{Channel, Notice, Preference};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::{IntoParams, ToSchema};

const PREFERENCES_MAX: usize = 100;

/// Something that somebody was told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notification)]
pub(crate) struct NoticeReply {
    #[schema(value_type = NoticeIdText)]
    id: Text<NoticeId>,
    #[schema(value_type = String, pattern = "^evt_[0-9a-z]{26}$")]
    event_id: Text<EventId>,
    r#type: String,
    /// The event, as webhooks tell it.
    #[schema(value_type = Object)]
    event: Option<Box<RawValue>>,
    #[schema(value_type = schema::Time)]
    happened_at: Text<WallTime>,
    #[schema(value_type = Option<schema::Time>)]
    read_at: Option<Text<WallTime>>,
}

impl InTable for NoticeReply {
    const HEAD: Head =
        Head { file_name: "notifications", columns: &["id", "eventId", "type", "event", "happenedAt", "readAt"] };
}

/// A page of the inbox, the newest first.
#[derive(ToSchema)]
#[schema(as = NotificationPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct NoticePage<'a> {
    data: &'a [NoticeReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct UnreadParameters {
    /// Only those that were not read.
    unread: Option<bool>,
}

/// How many were not read.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadNotifications)]
pub(crate) struct UnreadReply {
    #[schema(minimum = 0, maximum = 100)]
    pub(crate) unread: i64,
}

/// What was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadNotifications)]
pub(crate) struct ReadBody<'a> {
    /// The newest of them; absent: all.
    #[serde(borrow)]
    #[schema(value_type = Option<NoticeIdText>)]
    until: Option<Cow<'a, str>>,
}

/// Whether somebody wants to be told of a type.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationPreference)]
pub(crate) struct PreferenceReply {
    r#type: String,
    #[schema(value_type = ChannelWord)]
    channel: &'static str,
    enabled: bool,
}

/// Where somebody is told otherwise than is usual.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationPreferences)]
pub(crate) struct PreferenceList {
    /// In which language they are written to.
    #[schema(value_type = LanguageWord)]
    language: &'static str,
    data: Vec<PreferenceReply>,
}

/// What somebody wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedNotificationPreferences)]
pub(crate) struct PreferencesBody<'a> {
    /// Absent: it stays.
    #[serde(borrow)]
    #[schema(value_type = Option<LanguageWord>)]
    language: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    #[schema(max_items = 100)]
    preferences: Vec<PreferenceBody<'a>>,
}

/// Whether somebody wants to be told of a type.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedNotificationPreference)]
pub(crate) struct PreferenceBody<'a> {
    #[serde(borrow)]
    #[schema(max_length = 64, example = "payments.transaction_settled")]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    #[schema(value_type = ChannelWord)]
    channel: Cow<'a, str>,
    enabled: bool,
}

impl NoticeReply {
    pub(crate) fn new(notice: Notice) -> Self {
        Self {
            id: Text(notice.id),
            event_id: Text(notice.event_id),
            r#type: notice.kind,
            event: RawValue::from_string(notice.body).ok(),
            happened_at: Text(notice.happened_at),
            read_at: notice.read_at.map(Text),
        }
    }
}

impl ReadBody<'_> {
    pub(crate) fn until(&self) -> Outcome<Option<NoticeId>> {
        let parsed = self.until.as_deref().map(NoticeId::parse).transpose();
        parsed.map_err(|error| Problem::invalid("until", error.to_string()))
    }
}

impl PreferenceList {
    pub(crate) fn new(preferences: Vec<Preference>, language: Language) -> Self {
        let reply = |preference: Preference| PreferenceReply {
            r#type: preference.kind,
            channel: preference.channel.word(),
            enabled: preference.is_wanted,
        };
        Self { language: language.word(), data: preferences.into_iter().map(reply).collect() }
    }
}

impl PreferencesBody<'_> {
    pub(crate) fn language(&self) -> Outcome<Option<Language>> {
        let wrong = || Problem::invalid("language", "must be en, de or ar");
        self.language.as_deref().map(|word| Language::parse(word).ok_or_else(wrong)).transpose()
    }

    pub(crate) fn read(&self) -> Outcome<Vec<Preference>> {
        if self.preferences.len() > PREFERENCES_MAX {
            return Err(Problem::invalid("preferences", "must be at most 100 preferences"));
        }
        let read = |body: &PreferenceBody<'_>| {
            let wrong = || Problem::invalid("channel", "must be INBOX, MAIL or SMS");
            let channel = Channel::parse(&body.channel).ok_or_else(wrong)?;
            Ok(Preference { kind: body.r#type.clone().into_owned(), channel, is_wanted: body.enabled })
        };
        self.preferences.iter().map(read).collect()
    }
}
